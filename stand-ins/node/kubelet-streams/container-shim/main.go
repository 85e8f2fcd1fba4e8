// container-shim runs one container and outlives the node that started it, as the shims of container runtimes do.
// It is the first process of the container's PID namespace, so that whatever the container starts ends with it.
//
//	container-shim DIR    reads DIR/spec.json, starts the container, prints {"pid":PID of the shim} or
//	                      {"error":"...","stage":"create|start"} and leaves the shim running
//
// The shim keeps in DIR: shim.sock (open as long as the container runs; input, output and terminal size of those
// who attach) and, when the container has ended, exit.json. TERM is passed on as the container's stop signal, USR1
// kills it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// spec is what the node writes for a container's run.
type spec struct {
	Argv       []string `json:"argv"`
	WorkingDir string   `json:"workingDir"`
	Hostname   string   `json:"hostname"`
	HostPID    bool     `json:"hostPid"`
	// Folders to show as a tmpfs with links to their entries, outermost first, on the empty folder Scratch.
	Open    []string `json:"open"`
	Scratch string   `json:"scratch"`
	Binds   []bind   `json:"binds"`
	// Log in the format of container runtimes.
	Log        string `json:"log"`
	Stdin      bool   `json:"stdin"`
	StdinOnce  bool   `json:"stdinOnce"`
	TTY        bool   `json:"tty"`
	StopSignal int    `json:"stopSignal"`
}

type bind struct {
	Source   string `json:"source"`
	Target   string `json:"target"`
	ReadOnly bool   `json:"readOnly"`
}

// outcome is told once: by the shim to the process that started it, by that one to the node.
type outcome struct {
	PID   int    `json:"pid,omitempty"`
	Error string `json:"error,omitempty"`
	// Stage is "create" for what a kubelet calls CreateContainerError, "start" for RunContainerError.
	Stage string `json:"stage,omitempty"`
}

const insideFlag = "--inside"

func main() {
	if len(os.Args) == 3 && os.Args[1] == insideFlag {
		inside(os.Args[2])
		return
	}
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: container-shim DIR")
		os.Exit(2)
	}
	told := start(os.Args[1])
	_ = json.NewEncoder(os.Stdout).Encode(told)
	if told.Error != "" {
		os.Exit(1)
	}
}

// start makes the namespaces with the shim as their first process, and waits for what it tells.
func start(dir string) outcome {
	wanted, err := readSpec(dir)
	if err != nil {
		return outcome{Error: err.Error(), Stage: "create"}
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return outcome{Error: err.Error(), Stage: "create"}
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return outcome{Error: err.Error(), Stage: "create"}
	}
	// Not a pipe of the node: the shim outlives it.
	said, err := os.OpenFile(filepath.Join(dir, "shim.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return outcome{Error: err.Error(), Stage: "create"}
	}
	attributes := &syscall.SysProcAttr{Setsid: true, Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS}
	if !wanted.HostPID {
		attributes.Cloneflags |= syscall.CLONE_NEWPID
	}
	if uid := os.Getuid(); uid != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	pid, err := syscall.ForkExec("/proc/self/exe", []string{"container-shim", insideFlag, dir}, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{null.Fd(), null.Fd(), said.Fd(), writer.Fd()},
		Sys:   attributes,
	})
	if err != nil {
		return outcome{Error: fmt.Sprintf("making the container's namespaces: %v", err), Stage: "create"}
	}
	_ = writer.Close()
	var told outcome
	if err := json.NewDecoder(reader).Decode(&told); err != nil {
		return outcome{Error: "the container's shim ended without a word, see " + said.Name(), Stage: "create"}
	}
	if told.Error == "" {
		told.PID = pid
	}
	return told
}

func readSpec(dir string) (*spec, error) {
	data, err := os.ReadFile(filepath.Join(dir, "spec.json"))
	if err != nil {
		return nil, err
	}
	var wanted spec
	if err := json.Unmarshal(data, &wanted); err != nil {
		return nil, err
	}
	if len(wanted.Argv) == 0 {
		return nil, errors.New("no command specified")
	}
	return &wanted, nil
}
