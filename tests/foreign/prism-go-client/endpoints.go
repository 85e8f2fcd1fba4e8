// Every v4 endpoint that the stand-in has and that the life of one VM in main.go does not touch: asked by the SDK's own
// clients, whose answers must decode to what their types say.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	prismgoclient "github.com/nutanix-cloud-native/prism-go-client"
	"github.com/nutanix-cloud-native/prism-go-client/converged"
	convergedv4 "github.com/nutanix-cloud-native/prism-go-client/converged/v4"
	v4 "github.com/nutanix-cloud-native/prism-go-client/v4"
	prism "github.com/nutanix/ntnx-api-golang-clients/prism-go-client/v4/models/prism/v4/config"
	vmmtasks "github.com/nutanix/ntnx-api-golang-clients/vmm-go-client/v4/models/prism/v4/config"
	vmm "github.com/nutanix/ntnx-api-golang-clients/vmm-go-client/v4/models/vmm/v4/ahv/config"
	content "github.com/nutanix/ntnx-api-golang-clients/vmm-go-client/v4/models/vmm/v4/content"
	volumetasks "github.com/nutanix/ntnx-api-golang-clients/volumes-go-client/v4/models/prism/v4/config"
	volumes "github.com/nutanix/ntnx-api-golang-clients/volumes-go-client/v4/models/volumes/v4/config"
)

// covered is printed as JSON: what the SDK decoded of each endpoint.
type covered struct {
	Hosts       []string `json:"hosts"`
	Host        string   `json:"host"`
	Container   string   `json:"container"`
	PhysicalGPU []string `json:"physicalGpus"`
	VirtualGPU  []string `json:"virtualGpus"`
	Category    string   `json:"category"`
	Image       []string `json:"image"`
	VM          []string `json:"vm"`
	Nics        []string `json:"nics"`
	Gpus        []string `json:"gpus"`
	VolumeGroup []string `json:"volumeGroup"`
	Ordered     []string `json:"ordered"`
	BadFilter   bool     `json:"badFilter"`
	NoRoom      string   `json:"noRoom"`
	Cancelled   string   `json:"cancelled"`
}

type endpoints struct {
	ctx    context.Context
	client *convergedv4.Client
	raw    *v4.Client
	seen   *covered
	pe     string
	subnet string
	image  string
}

func cover(ctx context.Context, credentials prismgoclient.Credentials, imageName string) (*covered, error) {
	client, err := convergedv4.NewClient(credentials)
	if err != nil {
		return nil, err
	}
	raw, err := v4.NewV4Client(credentials)
	if err != nil {
		return nil, err
	}
	world := &seen{}
	pe, subnet, err := world.readWorld(ctx, client)
	if err != nil {
		return nil, err
	}
	images, err := client.Images.List(ctx, converged.WithFilter("name eq '"+imageName+"'"))
	if err != nil || len(images) != 1 {
		return nil, fmt.Errorf("image: %d, %v", len(images), err)
	}
	e := &endpoints{ctx: ctx, client: client, raw: raw, seen: &covered{}, pe: pe, subnet: subnet, image: *images[0].ExtId}
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"infrastructure", e.infrastructure},
		{"category", e.category},
		{"images", e.images},
		{"vm", e.vm},
		{"task", e.task},
	} {
		if err := step.run(); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return e.seen, nil
}

func (e *endpoints) infrastructure() error {
	hosts, err := e.client.Clusters.ListAllHosts(e.ctx)
	if err != nil {
		return err
	}
	for _, host := range hosts {
		e.seen.Hosts = append(e.seen.Hosts, *host.HostName+":"+*host.Cluster.Name)
	}
	own, err := e.client.Clusters.ListClusterHosts(e.ctx, e.pe, converged.WithFilter("hostName eq 'lab-pe-host-2'"))
	if err != nil || len(own) != 1 {
		return fmt.Errorf("hosts of a cluster: %d, %w", len(own), err)
	}
	host, err := e.client.Clusters.GetClusterHost(e.ctx, e.pe, *own[0].ExtId)
	if err != nil {
		return err
	}
	e.seen.Host = *host.HostName
	containers, err := e.client.StorageContainers.List(e.ctx, converged.WithFilter("clusterName eq 'lab-pe'"))
	if err != nil || len(containers) != 1 {
		return fmt.Errorf("containers: %d, %w", len(containers), err)
	}
	container, err := e.client.StorageContainers.Get(e.ctx, *containers[0].ExtId)
	if err != nil {
		return err
	}
	e.seen.Container = *container.Name
	physical, err := e.client.Clusters.ListClusterPhysicalGPUs(e.ctx, e.pe, converged.WithFilter("physicalGpuConfig/deviceName eq 'Tesla T4'"))
	if err != nil {
		return err
	}
	for _, gpu := range physical {
		config := gpu.PhysicalGpuConfig
		e.seen.PhysicalGPU = append(e.seen.PhysicalGPU, fmt.Sprintf("%s:%d:%s:%s:%t", *config.DeviceName, *config.DeviceId, *config.VendorName, config.Type.GetName(), *config.IsInUse))
	}
	virtual, err := e.client.Clusters.ListClusterVirtualGPUs(e.ctx, e.pe, converged.WithFilter("virtualGpuConfig/deviceId eq 55"))
	if err != nil {
		return err
	}
	for _, gpu := range virtual {
		config := gpu.VirtualGpuConfig
		e.seen.VirtualGPU = append(e.seen.VirtualGPU, fmt.Sprintf("%s:%d:%t", *config.DeviceName, *config.Assignable, *config.IsInUse))
	}
	_, err = e.client.VMs.List(e.ctx, converged.WithFilter("color eq 'red'"))
	e.seen.BadFilter = err != nil
	return nil
}

func (e *endpoints) category() error {
	made, err := e.client.Categories.Create(e.ctx, &prism.Category{Key: ptr("team"), Value: ptr("one")})
	if err != nil {
		return err
	}
	updated, err := e.client.Categories.Update(e.ctx, *made.ExtId, &prism.Category{Key: ptr("team"), Value: ptr("two"), Description: ptr("changed")})
	if err != nil {
		return err
	}
	e.seen.Category = *updated.Key + ":" + *updated.Value + ":" + *updated.Description
	return e.client.Categories.Delete(e.ctx, *made.ExtId)
}

func (e *endpoints) images() error {
	source := content.NewUrlSource()
	source.Url = ptr(os.Getenv("JUDGE_URL"))
	image := content.NewImage()
	image.Name, image.Type = ptr("fetched"), content.IMAGETYPE_DISK_IMAGE.Ref()
	if err := image.SetSource(*source); err != nil {
		return err
	}
	made, err := e.client.Images.Create(e.ctx, image)
	if err != nil {
		return err
	}
	current, args, err := convergedv4.GetEntityAndEtag(e.client.Images.Get(e.ctx, *made.ExtId))
	if err != nil {
		return err
	}
	current.Description = ptr("changed")
	task, err := convergedv4.CallAPI[*content.UpdateImageApiResponse, vmmtasks.TaskReference](e.raw.ImagesApiInstance.UpdateImageById(made.ExtId, current, args))
	if err != nil {
		return err
	}
	if err := e.done(*task.ExtId); err != nil {
		return err
	}
	e.raw.ImagesApiInstance.ApiClient.DownloadDirectory = os.TempDir()
	file, err := e.client.Images.GetFile(e.ctx, *made.ExtId)
	if err != nil {
		return err
	}
	bytes := ""
	if file != nil && file.Path != nil {
		read, err := os.ReadFile(*file.Path)
		if err != nil {
			return err
		}
		_ = os.Remove(*file.Path)
		bytes = string(read)
	}
	updated, err := e.client.Images.Get(e.ctx, *made.ExtId)
	if err != nil {
		return err
	}
	_, isURL := updated.Source.GetValue().(content.UrlSource)
	e.seen.Image = []string{*updated.Name, *updated.Description, fmt.Sprint(*updated.SizeBytes, isURL), bytes}
	return e.client.Images.Delete(e.ctx, *made.ExtId)
}

func (e *endpoints) task() error {
	tasks, err := e.client.Tasks.List(e.ctx, converged.WithFilter("operation eq 'kVmCreate' and startswith(operation,'kVm')"), converged.WithOrderBy("createdTime desc"))
	if err != nil || len(tasks) == 0 {
		return fmt.Errorf("tasks: %d, %w", len(tasks), err)
	}
	// It has ended, so that it cannot be cancelled: a mistake in the request's form.
	_, err = e.client.Tasks.Cancel(e.ctx, *tasks[0].ExtId)
	e.seen.Cancelled = fmt.Sprint(err != nil)
	return nil
}

func (e *endpoints) done(task string) error {
	for {
		read, err := e.client.Tasks.Get(e.ctx, task)
		if err != nil {
			return err
		}
		switch *read.Status {
		case prism.TASKSTATUS_SUCCEEDED:
			return nil
		case prism.TASKSTATUS_FAILED:
			return fmt.Errorf("task failed: %s", *read.ErrorMessages[0].Message)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (e *endpoints) vm() error {
	category, err := e.client.Categories.Create(e.ctx, &prism.Category{Key: ptr("env"), Value: ptr("test")})
	if err != nil {
		return err
	}
	request := vmRequest(e.pe, e.subnet, e.image, *category.ExtId)
	request.Name = ptr("covered")
	gpu := vmm.NewGpu()
	gpu.DeviceId, gpu.Mode, gpu.Vendor = ptr(4048), vmm.GPUMODE_PASSTHROUGH_COMPUTE.Ref(), vmm.GPUVENDOR_NVIDIA.Ref()
	request.Gpus = []vmm.Gpu{*gpu}
	rom := vmm.NewCdRom()
	rom.BackingInfo = vmm.NewVmDisk()
	reference := vmm.NewImageReference()
	reference.ImageExtId = &e.image
	rom.BackingInfo.DataSource = vmm.NewDataSource()
	must(rom.BackingInfo.DataSource.SetReference(*reference))
	request.CdRoms = []vmm.CdRom{*rom}
	made, err := e.client.VMs.Create(e.ctx, request)
	if err != nil {
		return err
	}
	id := *made.ExtId
	changed := *made
	changed.Description, changed.NumSockets = ptr("changed"), ptr(4)
	updated, err := e.client.VMs.Update(e.ctx, id, &changed)
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	e.seen.VM = []string{*updated.Description, fmt.Sprint(*updated.NumSockets), fmt.Sprint(len(updated.CdRoms)), updated.Gpus[0].Mode.GetName()}
	if err := e.powers(id); err != nil {
		return err
	}
	if err := e.lists(id, *category.ExtId); err != nil {
		return err
	}
	if err := e.volumeGroup(id); err != nil {
		return fmt.Errorf("volume group: %w", err)
	}
	request.Name, request.MemorySizeBytes = ptr("huge"), ptr(int64(1<<50))
	if _, err := e.client.VMs.Create(e.ctx, request); err != nil {
		e.seen.NoRoom = err.Error()
	}
	if err := e.client.VMs.Delete(e.ctx, id); err != nil {
		return err
	}
	return e.client.Categories.Delete(e.ctx, *category.ExtId)
}

// act takes an action on the VM's present ETag and waits for its task.
func (e *endpoints) act(id string, name string, action func(args map[string]any) (string, error)) error {
	_, args, err := convergedv4.GetEntityAndEtag(e.client.VMs.Get(e.ctx, id))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	task, err := action(args)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := e.done(task); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (e *endpoints) powers(id string) error {
	on, err := e.client.VMs.PowerOnVM(id)
	if err != nil {
		return err
	}
	if _, err := on.Wait(e.ctx); err != nil {
		return fmt.Errorf("power on: %w", err)
	}
	gpus, err := e.client.Clusters.ListClusterPhysicalGPUs(e.ctx, e.pe, converged.WithFilter("physicalGpuConfig/isInUse eq true"))
	if err != nil || len(gpus) != 1 {
		return fmt.Errorf("GPUs in use: %d, %w", len(gpus), err)
	}
	e.seen.Gpus = []string{strings.ReplaceAll(gpus[0].AllocatedVmExtIds[0], id, "ID")}
	api := e.raw.VmApiInstance
	if err := e.act(id, "reset", func(args map[string]any) (string, error) {
		task, err := convergedv4.CallAPI[*vmm.ResetVmApiResponse, vmmtasks.TaskReference](api.ResetVm(&id, args))
		return text(task.ExtId), err
	}); err != nil {
		return err
	}
	return e.act(id, "power cycle", func(args map[string]any) (string, error) {
		task, err := convergedv4.CallAPI[*vmm.PowerCycleVmApiResponse, vmmtasks.TaskReference](api.PowerCycleVm(&id, args))
		return text(task.ExtId), err
	})
}

func (e *endpoints) lists(id, category string) error {
	nics, err := e.client.ListNicsByVmId(e.ctx, id)
	if err != nil || len(nics) != 1 {
		return fmt.Errorf("NICs: %d, %w", len(nics), err)
	}
	nic, err := convergedv4.CallAPI[*vmm.GetNicApiResponse, vmm.Nic](e.raw.VmApiInstance.GetNicById(&id, nics[0].ExtId))
	if err != nil {
		return err
	}
	network, ok := nic.GetNicNetworkInfo().(vmm.VirtualEthernetNicNetworkInfo)
	if !ok {
		return fmt.Errorf("nicNetworkInfo is a %T", nic.GetNicNetworkInfo())
	}
	e.seen.Nics = []string{*network.Ipv4Info.LearnedIpAddresses[0].Value}
	if _, err := e.client.VMs.AddVmCustomAttributes(e.ctx, id, []string{"a:1", "b:2"}); err != nil {
		return err
	}
	left, err := e.client.VMs.RemoveVmCustomAttributes(e.ctx, id, []string{"a:1"})
	if err != nil {
		return err
	}
	e.seen.VM = append(e.seen.VM, strings.Join(left.CustomAttributes, ","))
	reference := vmm.NewCategoryReference()
	reference.ExtId = &category
	api := e.raw.VmApiInstance
	if err := e.act(id, "disassociate", func(args map[string]any) (string, error) {
		params := vmm.NewDisassociateVmCategoriesParams()
		params.Categories = []vmm.CategoryReference{*reference}
		task, err := convergedv4.CallAPI[*vmm.DisassociateCategoriesApiResponse, vmmtasks.TaskReference](api.DisassociateCategories(&id, params, args))
		return text(task.ExtId), err
	}); err != nil {
		return err
	}
	if err := e.act(id, "associate", func(args map[string]any) (string, error) {
		params := vmm.NewAssociateVmCategoriesParams()
		params.Categories = []vmm.CategoryReference{*reference}
		task, err := convergedv4.CallAPI[*vmm.AssociateCategoriesApiResponse, vmmtasks.TaskReference](api.AssociateCategories(&id, params, args))
		return text(task.ExtId), err
	}); err != nil {
		return err
	}
	vms, err := e.client.VMs.List(e.ctx, converged.WithFilter("categories/any(c:c/extId eq '"+category+"') and contains(name,'over')"), converged.WithOrderBy("name desc"))
	for _, vm := range vms {
		e.seen.Ordered = append(e.seen.Ordered, *vm.Name)
	}
	return err
}

func (e *endpoints) volumeGroup(vm string) error {
	group := volumes.NewVolumeGroup()
	group.Name, group.ClusterReference = ptr("volume"), &e.pe
	task, err := convergedv4.CallAPI[*volumes.CreateVolumeGroupApiResponse, volumetasks.TaskReference](e.raw.VolumeGroupsApiInstance.CreateVolumeGroup(group))
	if err != nil {
		return fmt.Errorf("create: %T, %w", task, err)
	}
	var made []volumes.VolumeGroup
	for len(made) == 0 {
		if made, err = e.client.VolumeGroups.List(e.ctx, converged.WithFilter("name eq 'volume'")); err != nil {
			return err
		}
	}
	id := *made[0].ExtId
	attachment := volumes.NewVmAttachment()
	attachment.ExtId = &vm
	attached, err := e.client.VolumeGroups.AttachToVM(e.ctx, id, *attachment)
	if err != nil {
		return err
	}
	listed, err := e.raw.VolumeGroupsApiInstance.ListVmAttachmentsByVolumeGroupId(&id, nil, nil, nil, nil)
	if err != nil {
		return err
	}
	attachments, _ := listed.GetData().([]volumes.VmAttachment)
	read, err := e.client.VMs.Get(e.ctx, vm)
	if err != nil {
		return err
	}
	backing, _ := read.Disks[len(read.Disks)-1].GetBackingInfo().(vmm.ADSFVolumeGroupReference)
	if _, err := e.client.VolumeGroups.DetachFromVM(e.ctx, id, *attachment); err != nil {
		return err
	}
	after, err := e.client.VMs.Get(e.ctx, vm)
	if err != nil {
		return err
	}
	if _, err := e.raw.VolumeGroupsApiInstance.DeleteVolumeGroupById(&id); err != nil {
		return err
	}
	e.seen.VolumeGroup = []string{*attached.Name, fmt.Sprint(len(attachments)), fmt.Sprint(text(backing.VolumeGroupExtId) == id), fmt.Sprint(len(read.Disks), len(after.Disks))}
	return nil
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
