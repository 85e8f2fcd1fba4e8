// Nothing but the SDK, which every program loads.
import "@pulumi/pulumi";
