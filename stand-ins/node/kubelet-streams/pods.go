package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// pod is what node writes into STATE_DIR/NAMESPACE_NAME.json.
type pod struct {
	Namespace  string         `json:"namespace"`
	Name       string         `json:"name"`
	UID        string         `json:"uid"`
	Loopback   string         `json:"loopback"`
	Ports      map[string]int `json:"ports"`
	Containers []container    `json:"containers"`
}

type container struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	// PID is the container's shim, 0 when it does not run; Dir is the shim's folder.
	PID int    `json:"pid"`
	Dir string `json:"dir"`
	// Waiting is the reason why it has not been started yet.
	Waiting         string              `json:"waiting"`
	LogFile         string              `json:"logFile"`
	PreviousLogFile string              `json:"previousLogFile"`
	Programs        map[string][]string `json:"programs"`
}

type pods struct{ dir string }

var segment = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

// get reads the state of a pod as it is now.
func (p pods) get(namespace, name string) (*pod, error) {
	if !segment.MatchString(namespace) || !segment.MatchString(name) {
		return nil, fmt.Errorf("pod %q does not exist", name)
	}
	data, err := os.ReadFile(filepath.Join(p.dir, namespace+"_"+name+".json"))
	if err != nil {
		return nil, fmt.Errorf("pod %q does not exist", name)
	}
	var found pod
	if err := json.Unmarshal(data, &found); err != nil {
		return nil, fmt.Errorf("state of pod %q cannot be read: %w", name, err)
	}
	return &found, nil
}

// container finds a container of the pod, init containers included.
func (p *pod) container(name string) (*container, error) {
	for i := range p.Containers {
		if p.Containers[i].Name == name {
			return &p.Containers[i], nil
		}
	}
	return nil, fmt.Errorf("container %q not found in pod %q", name, p.Name)
}
