package main

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"net"
	"nutanix-serverless-lab/stand-ins/node/kubelet-streams/internal/attach"
	"nutanix-serverless-lab/stand-ins/node/kubelet-streams/internal/terminal"
)

// streams are a container's input and output: from and to its log and those who attach.
type streams struct {
	spec     *spec
	log      *logFile
	listener net.Listener
	// The container's ends, closed here once it has them.
	child []*os.File
	// Ours.
	stdin   *os.File
	outputs map[string]*os.File
	master  *os.File
	pumps   sync.WaitGroup
	mutex   sync.Mutex
	clients map[net.Conn]struct{}
}

func openStreams(dir string, wanted *spec) (*streams, error) {
	s := &streams{spec: wanted, outputs: map[string]*os.File{}, clients: map[net.Conn]struct{}{}}
	folder, err := unix.Open(filepath.Dir(wanted.Log), unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if s.log, err = openLog(folder, filepath.Base(wanted.Log)); err != nil {
		return nil, err
	}
	if s.listener, err = attach.Listen(dir); err != nil {
		return nil, err
	}
	if wanted.TTY {
		return s, s.openTerminal()
	}
	return s, s.openPipes()
}

func (s *streams) openTerminal() error {
	master, slave, err := terminal.Open()
	if err != nil {
		return err
	}
	s.master, s.stdin, s.outputs["stdout"] = master, master, master
	s.child = []*os.File{slave, slave, slave}
	return nil
}

func (s *streams) openPipes() error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	s.child = []*os.File{null}
	if s.spec.Stdin {
		reader, writer, err := os.Pipe()
		if err != nil {
			return err
		}
		s.child[0], s.stdin = reader, writer
	}
	for _, name := range []string{"stdout", "stderr"} {
		reader, writer, err := os.Pipe()
		if err != nil {
			return err
		}
		s.outputs[name] = reader
		s.child = append(s.child, writer)
	}
	return nil
}

func (s *streams) childFiles() []uintptr {
	var files []uintptr
	for _, file := range s.child {
		files = append(files, file.Fd())
	}
	return files
}

func (s *streams) closeChildFiles() {
	for _, file := range s.child {
		_ = file.Close()
	}
	for name, output := range s.outputs {
		s.pumps.Add(1)
		go s.pump(name, output)
	}
}

// pump moves output to the log and to those who are attached, until the container has closed it.
func (s *streams) pump(name string, output *os.File) {
	defer s.pumps.Done()
	lines := &cutter{stream: name}
	frame := attach.Stdout
	if name == "stderr" {
		frame = attach.Stderr
	}
	buffer := make([]byte, 32*1024)
	for {
		n, err := output.Read(buffer)
		if n > 0 {
			s.log.write(lines.push(buffer[:n], time.Now()))
			s.send(frame, buffer[:n])
		}
		// A terminal's end is an error: nobody holds its other side any more.
		if err != nil {
			break
		}
	}
	s.log.write(lines.end(time.Now()))
}

func (s *streams) send(frame byte, data []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for client := range s.clients {
		// A client that does not read must not stop the container.
		_ = client.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if attach.Write(client, frame, data) != nil {
			delete(s.clients, client)
			_ = client.Close()
		}
	}
}

// serve takes those who connect: the node, which only waits for the end, and those who attach.
func (s *streams) serve() {
	for {
		client, err := s.listener.Accept()
		if err != nil {
			return
		}
		go s.serveClient(client)
	}
}

func (s *streams) serveClient(client net.Conn) {
	feeds := false
	for {
		kind, data, err := attach.Read(client)
		if err != nil {
			break
		}
		switch kind {
		case attach.Hello:
			s.mutex.Lock()
			s.clients[client] = struct{}{}
			s.mutex.Unlock()
		case attach.Stdin:
			feeds = true
			if s.stdin != nil {
				_, _ = s.stdin.Write(data)
			}
		case attach.StdinClosed:
			feeds = true
			s.endOfInput()
		case attach.Resize:
			if width, height, ok := attach.Size(data); ok && s.master != nil {
				_ = terminal.SetSize(s.master, width, height)
			}
		}
	}
	s.mutex.Lock()
	delete(s.clients, client)
	s.mutex.Unlock()
	_ = client.Close()
	if feeds {
		s.endOfInput()
	}
}

// endOfInput closes the container's input when it was meant for one client.
func (s *streams) endOfInput() {
	if s.spec.StdinOnce && s.stdin != nil && s.master == nil {
		_ = s.stdin.Close()
	}
}

// finish waits for the last output, and hangs up.
func (s *streams) finish() {
	done := make(chan struct{})
	go func() {
		s.pumps.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for client := range s.clients {
		_ = client.Close()
	}
}
