package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	internalapi "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-client/pkg/logs"
)

// alive answers the one question that following a log asks of a container runtime: does it still run?
type alive struct {
	internalapi.RuntimeService
	pid int
}

func (a alive) ContainerStatus(context.Context, string, bool) (*runtimeapi.ContainerStatusResponse, error) {
	state := runtimeapi.ContainerState_CONTAINER_EXITED
	if a.pid != 0 && syscall.Kill(a.pid, 0) != syscall.ESRCH {
		state = runtimeapi.ContainerState_CONTAINER_RUNNING
	}
	return &runtimeapi.ContainerStatusResponse{Status: &runtimeapi.ContainerStatus{State: state}}, nil
}

func (p pods) serveLogs(w http.ResponseWriter, r *http.Request) {
	found, wanted := p.target(w, r)
	if wanted == nil {
		return
	}
	query := r.URL.Query()
	options, err := logOptions(query, time.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	file := wanted.LogFile
	if query.Get("previous") == "true" {
		file = wanted.PreviousLogFile
		options.Follow = false
	}
	if file == "" {
		http.Error(w, missingLog(found, wanted, query.Get("previous") == "true"), http.StatusBadRequest)
		return
	}
	out := flushing{w}
	stdout, stderr := io.Writer(out), io.Writer(out)
	switch query.Get("stream") {
	case "Stdout":
		stderr = nil
	case "Stderr":
		stdout = nil
	}
	err = logs.ReadLogs(r.Context(), file, wanted.ID, options, alive{pid: wanted.PID}, stdout, stderr)
	if err != nil && r.Context().Err() == nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// missingLog says in the kubelet's words why there is no log.
func missingLog(of *pod, wanted *container, previous bool) string {
	if previous {
		return fmt.Sprintf("previous terminated container %q in pod %q not found", wanted.Name, of.Name)
	}
	reason := wanted.Waiting
	switch reason {
	case "ErrImagePull":
		reason = "image can't be pulled"
	case "ImagePullBackOff":
		reason = "trying and failing to pull image"
	}
	return fmt.Sprintf("container %q in pod %q is waiting to start: %s", wanted.Name, of.Name, reason)
}

// logOptions reads the query of kubectl logs.
func logOptions(query url.Values, now time.Time) (*logs.LogOptions, error) {
	options := &logs.LogOptions{
		Follow:    query.Get("follow") == "true",
		Timestamp: query.Get("timestamps") == "true",
	}
	seconds := (*int64)(nil)
	for name, field := range map[string]**int64{
		"tailLines": &options.TailLines, "limitBytes": &options.LimitBytes, "sinceSeconds": &seconds,
	} {
		if !query.Has(name) {
			continue
		}
		value, err := strconv.ParseInt(query.Get(name), 10, 64)
		if err != nil || value < 0 {
			return nil, fmt.Errorf("%s=%s is no number of 0 or more", name, query.Get(name))
		}
		*field = &value
	}
	if seconds != nil {
		options.Since = now.Add(-time.Duration(*seconds) * time.Second)
	}
	if since := query.Get("sinceTime"); since != "" {
		at, err := time.Parse(time.RFC3339, since)
		if err != nil {
			return nil, err
		}
		options.Since = at
	}
	return options, nil
}

// flushing sends each line at once, for followers.
type flushing struct{ http.ResponseWriter }

func (f flushing) Write(data []byte) (int, error) {
	n, err := f.ResponseWriter.Write(data)
	if flusher, ok := f.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
	return n, err
}
