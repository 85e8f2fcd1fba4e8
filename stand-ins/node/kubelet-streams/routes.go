package main

import (
	"fmt"
	"net/http"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// The kubelet's own time-outs.
const (
	idleTimeout     = 4 * time.Hour
	creationTimeout = 30 * time.Second
)

// routes are the kubelet's paths that are served here. The others answer 501 with their name.
func routes(known pods, authenticate bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", known.serveLogs)
	for _, uid := range []string{"", "/{uid}"} {
		mux.HandleFunc("/exec/{namespace}/{pod}"+uid+"/{container}", known.serveExec)
		mux.HandleFunc("/attach/{namespace}/{pod}"+uid+"/{container}", known.serveAttach)
		mux.HandleFunc("/portForward/{namespace}/{pod}"+uid, known.servePortForward)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.Method+" "+r.URL.Path+" is not played by this kubelet", http.StatusNotImplemented)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if authenticate && r.URL.Path != "/healthz" && len(r.TLS.VerifiedChains) == 0 {
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// target finds the container that a request's path names, or answers 404.
func (p pods) target(w http.ResponseWriter, r *http.Request) (*pod, *container) {
	found, err := p.get(r.PathValue("namespace"), r.PathValue("pod"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return nil, nil
	}
	wanted, err := found.container(r.PathValue("container"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return nil, nil
	}
	return found, wanted
}

func (p pods) serveExec(w http.ResponseWriter, r *http.Request) {
	found, wanted := p.target(w, r)
	if wanted == nil {
		return
	}
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(w, r, wanted, found.Name, found.UID, wanted.Name, r.URL.Query()["command"], options,
		idleTimeout, creationTimeout, remotecommand.SupportedStreamingProtocols)
}

func (p pods) serveAttach(w http.ResponseWriter, r *http.Request) {
	found, wanted := p.target(w, r)
	if wanted == nil {
		return
	}
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeAttach(w, r, wanted, found.Name, found.UID, wanted.Name, options,
		idleTimeout, creationTimeout, remotecommand.SupportedStreamingProtocols)
}

func (p pods) servePortForward(w http.ResponseWriter, r *http.Request) {
	found, err := p.get(r.PathValue("namespace"), r.PathValue("pod"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	portforward.ServePortForward(w, r, found, found.Name, found.UID, options,
		idleTimeout, creationTimeout, portforward.SupportedProtocols)
}
