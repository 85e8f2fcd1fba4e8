package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// exit is what is left of a container that has ended.
type exit struct {
	Code       int    `json:"exitCode"`
	Signal     int    `json:"signal,omitempty"`
	FinishedAt string `json:"finishedAt"`
}

// inside is the shim: it sets the container's world up, starts its process and waits for its end.
func inside(dir string) {
	// The parent-death signal of the container's process is bound to this thread.
	runtime.LockOSThread()
	// The kernel takes a process's name from the file it was started by, and that was /proc/self/exe.
	_ = os.WriteFile("/proc/self/comm", []byte("container-shim"), 0)
	report := os.NewFile(3, "report")
	unix.CloseOnExec(3)
	wanted, err := readSpec(dir)
	if err != nil {
		tell(report, outcome{Error: err.Error(), Stage: "create"})
		return
	}
	// Opened before anything is mounted: the container may see something else at these paths.
	folder, err := unix.Open(dir, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		tell(report, outcome{Error: err.Error(), Stage: "create"})
		return
	}
	made, err := prepare(dir, wanted)
	if err != nil {
		tell(report, outcome{Error: err.Error(), Stage: "create"})
		return
	}
	child, err := launch(wanted, made)
	if err != nil {
		tell(report, outcome{Error: err.Error(), Stage: "start"})
		return
	}
	go made.serve()
	forward(child, wanted.StopSignal)
	tell(report, outcome{PID: os.Getpid()})
	status := reap(child)
	end := time.Now().UTC()
	endOthers(wanted.HostPID)
	made.finish()
	leave(folder, exitOf(status, end))
}

func tell(report *os.File, told outcome) {
	_ = json.NewEncoder(report).Encode(told)
	_ = report.Close()
}

// prepare opens the log and the socket, and mounts the container's volumes.
func prepare(dir string, wanted *spec) (*streams, error) {
	made, err := openStreams(dir, wanted)
	if err != nil {
		return nil, err
	}
	if err := unix.Sethostname([]byte(wanted.Hostname)); err != nil {
		return nil, fmt.Errorf("setting the host name: %w", err)
	}
	if err := mountAll(wanted); err != nil {
		return nil, err
	}
	working := wanted.WorkingDir
	if working == "" {
		working = "/"
	}
	// Those who exec find the working folder by the shim's own.
	if err := os.Chdir(working); err != nil {
		return nil, fmt.Errorf("working folder: %w", err)
	}
	if wanted.HostPID {
		return made, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	}
	return made, nil
}

func launch(wanted *spec, made *streams) (int, error) {
	program, err := lookUp(wanted.Argv[0])
	if err != nil {
		return 0, err
	}
	attributes := &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL, Setctty: wanted.TTY}
	pid, err := syscall.ForkExec(program, wanted.Argv, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: made.childFiles(),
		Sys:   attributes,
	})
	made.closeChildFiles()
	if err != nil {
		return 0, fmt.Errorf("exec: %q: %w", wanted.Argv[0], err)
	}
	return pid, nil
}

// lookUp finds a program as execvp does, with the words of container runtimes.
func lookUp(name string) (string, error) {
	if strings.Contains(name, "/") {
		if _, err := os.Stat(name); err != nil {
			return "", fmt.Errorf("exec: %q: stat %s: no such file or directory", name, name)
		}
		return name, nil
	}
	for _, folder := range strings.Split(os.Getenv("PATH"), ":") {
		file := folder + "/" + name
		if unix.Access(file, unix.X_OK) == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("exec: %q: executable file not found in $PATH", name)
}

// forward passes TERM on as the stop signal and makes KILL of USR1.
func forward(child, stopSignal int) {
	if stopSignal == 0 {
		stopSignal = int(syscall.SIGTERM)
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGINT, syscall.SIGHUP)
	go func() {
		for received := range signals {
			switch received {
			case syscall.SIGTERM:
				_ = syscall.Kill(child, syscall.Signal(stopSignal))
			case syscall.SIGUSR1:
				_ = syscall.Kill(child, syscall.SIGKILL)
			default:
				_ = syscall.Kill(child, received.(syscall.Signal))
			}
		}
	}()
}

// reap waits for the container's process, and for every orphan that ends before it.
func reap(child int) syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err == nil && pid == child {
			return status
		}
		if err != nil && err != syscall.EINTR {
			return status
		}
	}
}

// endOthers ends what the container's process has left behind.
func endOthers(hostPID bool) {
	if !hostPID {
		_ = syscall.Kill(-1, syscall.SIGKILL)
		return
	}
	for round := 0; round < 100; round++ {
		data, err := os.ReadFile("/proc/thread-self/children")
		children := strings.Fields(string(data))
		if err != nil || len(children) == 0 {
			return
		}
		for _, child := range children {
			var pid int
			if _, err := fmt.Sscan(child, &pid); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				_, _ = syscall.Wait4(pid, nil, 0, nil)
			}
		}
	}
}

func exitOf(status syscall.WaitStatus, at time.Time) exit {
	end := exit{Code: status.ExitStatus(), FinishedAt: at.Format(time.RFC3339)}
	if status.Signaled() {
		end.Signal = int(status.Signal())
		end.Code = 128 + end.Signal
	}
	return end
}

// leave writes exit.json whole or not at all.
func leave(folder int, end exit) {
	data, err := json.Marshal(end)
	if err != nil {
		return
	}
	fd, err := unix.Openat(folder, "exit.json.new", unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return
	}
	file := os.NewFile(uintptr(fd), "exit.json")
	_, err = file.Write(data)
	if closed := file.Close(); err == nil && closed == nil {
		_ = unix.Renameat(folder, "exit.json.new", folder, "exit.json")
	}
}
