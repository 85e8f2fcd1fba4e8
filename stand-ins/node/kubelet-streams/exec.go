package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nutanix-serverless-lab/stand-ins/node/kubelet-streams/internal/attach"
	"nutanix-serverless-lab/stand-ins/node/kubelet-streams/internal/terminal"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// ExecInContainer runs a command in the container's namespaces, environment and working folder.
func (c *container) ExecInContainer(ctx context.Context, _, _, _ string, argv []string, in io.Reader, out, errOut io.WriteCloser,
	tty bool, resize <-chan remotecommand.TerminalSize, _ time.Duration) error {
	command, err := c.command(ctx, argv)
	if err != nil {
		return err
	}
	if tty {
		return exitStatus(runInTerminal(command, in, out, resize))
	}
	command.Stdout, command.Stderr = out, errOut
	if in != nil {
		// Not command.Stdin: Wait would wait for a client that never closes its side.
		stdin, err := command.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			_, _ = io.Copy(stdin, in)
			_ = stdin.Close()
		}()
	}
	return exitStatus(command.Run())
}

// command enters the namespaces by nsenter: joining a mount namespace needs a process with a single thread.
func (c *container) command(ctx context.Context, argv []string) (*exec.Cmd, error) {
	if c.PID == 0 || syscall.Kill(c.PID, 0) == syscall.ESRCH {
		return nil, fmt.Errorf("container %q is not running", c.Name)
	}
	if len(argv) == 0 {
		return nil, fmt.Errorf("no command is given")
	}
	proc := "/proc/" + strconv.Itoa(c.PID)
	enter := []string{"--target", strconv.Itoa(c.PID), "--mount", "--uts", "--pid"}
	if own, err := os.Readlink("/proc/self/ns/user"); err == nil {
		if theirs, err := os.Readlink(proc + "/ns/user"); err == nil && own != theirs {
			enter = append(enter, "--user", "--preserve-credentials")
		}
	}
	environment, err := os.ReadFile(proc + "/environ")
	if err != nil {
		return nil, err
	}
	enter = append(enter, "--wd", "--")
	if program, ok := c.Programs[argv[0]]; ok {
		enter = append(enter, program...)
	} else {
		enter = append(enter, argv[0])
	}
	command := exec.CommandContext(ctx, "nsenter", append(enter, argv[1:]...)...)
	command.Env = strings.Split(strings.TrimRight(string(environment), "\x00"), "\x00")
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 2 * time.Second
	return command, nil
}

// AttachContainer connects to the container's own input and output, through its shim.
func (c *container) AttachContainer(ctx context.Context, _, _, _ string, in io.Reader, out, errOut io.WriteCloser,
	_ bool, resize <-chan remotecommand.TerminalSize) error {
	connection, err := attach.Dial(c.Dir)
	if err != nil {
		return fmt.Errorf("container %q is not running", c.Name)
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	if err := attach.Write(connection, attach.Hello, nil); err != nil {
		return err
	}
	if in != nil {
		go sendInput(connection, in)
	}
	go func() {
		for size := range resize {
			_ = attach.Write(connection, attach.Resize, attach.SizeData(size.Width, size.Height))
		}
	}()
	for {
		kind, data, err := attach.Read(connection)
		if err != nil {
			return nil
		}
		to := out
		if kind == attach.Stderr {
			to = errOut
		}
		if to == nil {
			continue
		}
		if _, err := to.Write(data); err != nil {
			return err
		}
	}
}

func sendInput(connection io.Writer, in io.Reader) {
	buffer := make([]byte, 32*1024)
	for {
		n, err := in.Read(buffer)
		if n > 0 && attach.Write(connection, attach.Stdin, buffer[:n]) != nil {
			return
		}
		if err != nil {
			_ = attach.Write(connection, attach.StdinClosed, nil)
			return
		}
	}
}

func exitStatus(err error) error {
	if exit, ok := err.(*exec.ExitError); ok {
		return utilexec.CodeExitError{Err: err, Code: exit.ExitCode()}
	}
	return err
}

// runInTerminal runs the command on a pseudo terminal of its own.
func runInTerminal(command *exec.Cmd, in io.Reader, out io.Writer, resize <-chan remotecommand.TerminalSize) error {
	master, slave, err := terminal.Open()
	if err != nil {
		return err
	}
	defer master.Close()
	command.Stdin, command.Stdout, command.Stderr = slave, slave, slave
	command.SysProcAttr.Setctty = true
	if err := command.Start(); err != nil {
		_ = slave.Close()
		return err
	}
	_ = slave.Close()
	go func() {
		for size := range resize {
			_ = terminal.SetSize(master, size.Width, size.Height)
		}
	}()
	if in != nil {
		go func() { _, _ = io.Copy(master, in) }()
	}
	// Ends with an error when the program does: nobody holds the other side any more.
	_, _ = io.Copy(out, master)
	return command.Wait()
}
