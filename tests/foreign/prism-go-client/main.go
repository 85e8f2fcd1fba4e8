// A foreign client for the Prism Central stand-in: the Nutanix Go SDK, which CAPX and the cloud controller manager
// use. It decodes by object types and fails silently where they are wrong, so this prints what it really got.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	prismgoclient "github.com/nutanix-cloud-native/prism-go-client"
	"github.com/nutanix-cloud-native/prism-go-client/converged"
	convergedv4 "github.com/nutanix-cloud-native/prism-go-client/converged/v4"
	v3 "github.com/nutanix-cloud-native/prism-go-client/v3"
	prism "github.com/nutanix/ntnx-api-golang-clients/prism-go-client/v4/models/prism/v4/config"
	vmm "github.com/nutanix/ntnx-api-golang-clients/vmm-go-client/v4/models/vmm/v4/ahv/config"
)

// seen is printed as JSON: what the SDK decoded, step by step.
type seen struct {
	User            string   `json:"user"`
	Clusters        []string `json:"clusters"`
	Software        []string `json:"software"`
	Containers      []string `json:"containers"`
	Subnets         []string `json:"subnets"`
	EmptyImages     int      `json:"emptyImages"`
	EmptySubnets    int      `json:"emptySubnets"`
	Image           string   `json:"image"`
	Category        string   `json:"category"`
	EmptyCategories int      `json:"emptyCategories"`
	Created         string   `json:"created"`
	ProviderID      []string `json:"providerId"`
	PowerState      string   `json:"powerState"`
	OldAddress      string   `json:"oldAddress"`
	NewAddress      string   `json:"newAddress"`
	Found           int      `json:"found"`
	RunningTasks    int      `json:"runningTasks"`
	FailedTask      string   `json:"failedTask"`
	PoweredOff      string   `json:"poweredOff"`
	GoneIsNotFound  bool     `json:"goneIsNotFound"`
	CategoriesLeft  int      `json:"categoriesLeft"`
}

func main() {
	credentials := prismgoclient.Credentials{
		Endpoint: os.Getenv("NUTANIX_ENDPOINT"),
		URL:      os.Getenv("NUTANIX_ENDPOINT"),
		Username: os.Getenv("NUTANIX_USERNAME"),
		Password: os.Getenv("NUTANIX_PASSWORD"),
		Insecure: true,
	}
	var result any
	var err error
	if os.Getenv("JUDGE_URL") == "" {
		result, err = judge(context.Background(), credentials, os.Getenv("JUDGE_IMAGE"))
	} else {
		result, err = cover(context.Background(), credentials, os.Getenv("JUDGE_IMAGE"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(result)
}

func judge(ctx context.Context, credentials prismgoclient.Credentials, imageName string) (*seen, error) {
	s := &seen{}
	credentials.SessionAuth = true
	login, err := v3.NewV3Client(credentials)
	if err != nil {
		return nil, fmt.Errorf("v3 login: %w", err)
	}
	me, err := login.V3.GetCurrentLoggedInUser(ctx)
	if err != nil {
		return nil, fmt.Errorf("v3 users/me by cookie: %w", err)
	}
	s.User = *me.Status.Name
	credentials.SessionAuth = false
	client, err := convergedv4.NewClient(credentials)
	if err != nil {
		return nil, fmt.Errorf("v4 client: %w", err)
	}
	pe, subnet, err := s.readWorld(ctx, client)
	if err != nil {
		return nil, err
	}
	images, err := client.Images.List(ctx, converged.WithFilter("name eq '"+imageName+"'"))
	if err != nil || len(images) != 1 {
		return nil, fmt.Errorf("image %s: %d found, %v", imageName, len(images), err)
	}
	s.Image = *images[0].Name
	category, err := client.Categories.Create(ctx, &prism.Category{Key: ptr("KubernetesClusterName"), Value: ptr("judge's"), Description: ptr("Managed by CAPX")})
	if err != nil || category == nil || category.ExtId == nil {
		return nil, fmt.Errorf("category create: %v, %v", category, err)
	}
	categories, err := client.Categories.List(ctx, converged.WithFilter("key eq 'KubernetesClusterName' and value eq 'judge''s'"))
	if err != nil || len(categories) != 1 {
		return nil, fmt.Errorf("category list: %d, %v", len(categories), err)
	}
	s.Category = *categories[0].Value
	if err := s.liveAVm(ctx, client, vmRequest(pe, subnet, *images[0].ExtId, *category.ExtId)); err != nil {
		return nil, err
	}
	if err := client.Categories.Delete(ctx, *category.ExtId); err != nil {
		return nil, fmt.Errorf("category delete: %w", err)
	}
	left, err := client.Categories.List(ctx)
	s.CategoriesLeft = len(left)
	return s, err
}

func (s *seen) readWorld(ctx context.Context, client *convergedv4.Client) (pe, subnet string, err error) {
	clusters, err := client.Clusters.List(ctx)
	if err != nil {
		return "", "", fmt.Errorf("clusters: %w", err)
	}
	for _, cluster := range clusters {
		s.Clusters = append(s.Clusters, *cluster.Name+":"+cluster.Config.ClusterFunction[0].GetName())
		s.Software = append(s.Software, cluster.Config.ClusterSoftwareMap[0].SoftwareType.GetName())
		if cluster.Config.ClusterFunction[0].GetName() == "AOS" {
			pe = *cluster.ExtId
		}
	}
	if _, err = client.Clusters.Get(ctx, pe); err != nil {
		return "", "", fmt.Errorf("cluster: %w", err)
	}
	containers, err := client.StorageContainers.List(ctx, converged.WithFilter("name eq 'default-container' and clusterExtId eq '"+pe+"'"))
	if err != nil {
		return "", "", fmt.Errorf("storage containers: %w", err)
	}
	for _, container := range containers {
		s.Containers = append(s.Containers, *container.Name)
	}
	subnets, err := client.Subnets.List(ctx, converged.WithFilter("name eq 'lab-vms'"))
	if err != nil || len(subnets) != 1 {
		return "", "", fmt.Errorf("subnets: %d, %v", len(subnets), err)
	}
	one, err := client.Subnets.Get(ctx, *subnets[0].ExtId)
	if err != nil {
		return "", "", fmt.Errorf("subnet: %w", err)
	}
	s.Subnets = []string{*one.Name + ":" + one.SubnetType.GetName() + ":" + *one.IpConfig[0].Ipv4.PoolList[0].StartIp.Value}
	none, err := client.Subnets.List(ctx, converged.WithFilter("name eq 'none'"))
	if err != nil {
		return "", "", fmt.Errorf("empty subnets: %w", err)
	}
	s.EmptySubnets = len(none)
	noImages, err := client.Images.List(ctx, converged.WithFilter("name eq 'none'"))
	if err != nil {
		return "", "", fmt.Errorf("empty images: %w", err)
	}
	s.EmptyImages = len(noImages)
	noCategories, err := client.Categories.List(ctx, converged.WithFilter("key eq 'none'"))
	s.EmptyCategories = len(noCategories)
	return pe, *subnets[0].ExtId, err
}

func vmRequest(pe, subnet, image, category string) *vmm.Vm {
	vm := vmm.NewVm()
	vm.Name, vm.MemorySizeBytes = ptr("judged"), ptr(int64(2<<30))
	vm.NumSockets, vm.NumCoresPerSocket = ptr(2), ptr(1)
	vm.Cluster = vmm.NewClusterReference()
	vm.Cluster.ExtId = &pe
	reference := vmm.NewCategoryReference()
	reference.ExtId = &category
	vm.Categories = []vmm.CategoryReference{*reference}
	nic := vmm.NewNic()
	nic.NetworkInfo = vmm.NewNicNetworkInfo()
	nic.NetworkInfo.Subnet = vmm.NewSubnetReference()
	nic.NetworkInfo.Subnet.ExtId = &subnet
	vm.Nics = []vmm.Nic{*nic}
	source := vmm.NewImageReference()
	source.ImageExtId = &image
	backing := vmm.NewVmDisk()
	backing.DiskSizeBytes = ptr(int64(20 << 30))
	backing.DataSource = vmm.NewDataSource()
	must(backing.DataSource.SetReference(*source))
	disk := vmm.NewDisk()
	must(disk.SetBackingInfo(*backing))
	vm.Disks = []vmm.Disk{*disk}
	script := vmm.NewUserdata()
	script.Value = ptr(base64.StdEncoding.EncodeToString([]byte("#cloud-config\n")))
	cloudInit := vmm.NewCloudInit()
	cloudInit.Metadata = ptr(base64.StdEncoding.EncodeToString([]byte(`{"hostname":"judged"}`)))
	must(cloudInit.SetCloudInitScript(*script))
	vm.GuestCustomization = vmm.NewGuestCustomizationParams()
	must(vm.GuestCustomization.SetConfig(*cloudInit))
	boot := vmm.NewLegacyBoot()
	must(vm.SetBootConfig(*boot))
	return vm
}

func (s *seen) liveAVm(ctx context.Context, client *convergedv4.Client, request *vmm.Vm) error {
	vm, err := client.VMs.Create(ctx, request)
	if err != nil {
		return fmt.Errorf("vm create: %w", err)
	}
	id := *vm.ExtId
	s.Created = *vm.Name + ":" + vm.PowerState.GetName()
	marked, err := client.VMs.AddVmCustomAttributes(ctx, id, []string{"providerid:" + id})
	if err != nil {
		return fmt.Errorf("custom attribute: %w", err)
	}
	for _, attribute := range marked.CustomAttributes {
		s.ProviderID = append(s.ProviderID, strings.ReplaceAll(attribute, id, "ID"))
	}
	on, err := client.VMs.PowerOnVM(id)
	if err != nil {
		return fmt.Errorf("power on: %w", err)
	}
	powered, err := on.Wait(ctx)
	if err != nil || len(powered) != 1 {
		return fmt.Errorf("power on's task: %d, %v", len(powered), err)
	}
	s.PowerState = powered[0].PowerState.GetName()
	s.OldAddress = *powered[0].Nics[0].NetworkInfo.Ipv4Config.IpAddress.Value
	network, ok := powered[0].Nics[0].GetNicNetworkInfo().(vmm.VirtualEthernetNicNetworkInfo)
	if !ok {
		return fmt.Errorf("nicNetworkInfo is a %T", powered[0].Nics[0].GetNicNetworkInfo())
	}
	s.NewAddress = *network.Ipv4Info.LearnedIpAddresses[0].Value
	found, err := client.VMs.List(ctx, converged.WithFilter("name eq 'judged'"))
	if err != nil {
		return fmt.Errorf("vm list: %w", err)
	}
	s.Found = len(found)
	running, err := client.Tasks.List(ctx, converged.WithFilter("entitiesAffected/any(a:a/extId eq '"+id+"') and (status eq Prism.Config.TaskStatus'RUNNING' or status eq Prism.Config.TaskStatus'QUEUED')"))
	if err != nil {
		return fmt.Errorf("tasks: %w", err)
	}
	s.RunningTasks = len(running)
	return s.endAVm(ctx, client, id, request)
}

func (s *seen) endAVm(ctx context.Context, client *convergedv4.Client, id string, request *vmm.Vm) error {
	bad := *request
	bad.Cluster = vmm.NewClusterReference()
	bad.Cluster.ExtId = ptr("00000000-0000-4000-8000-000000000000")
	if _, err := client.VMs.Create(ctx, &bad); err != nil {
		s.FailedTask = err.Error()
	}
	off, err := client.VMs.PowerOffVM(id)
	if err != nil {
		return fmt.Errorf("power off: %w", err)
	}
	down, err := off.Wait(ctx)
	if err != nil || len(down) != 1 {
		return fmt.Errorf("power off's task: %d, %v", len(down), err)
	}
	s.PoweredOff = down[0].PowerState.GetName()
	if err := client.VMs.Delete(ctx, id); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	_, err = client.VMs.Get(ctx, id)
	var apiError *converged.APIError
	s.GoneIsNotFound = errors.As(err, &apiError) && converged.IsNotFound(err)
	return nil
}

func ptr[T any](value T) *T { return &value }

func must(err error) {
	if err != nil {
		panic(err)
	}
}
