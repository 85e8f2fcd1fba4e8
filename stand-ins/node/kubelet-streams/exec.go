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

	"k8s.io/cri-client/pkg/logs"
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
	enter := []string{"--target", strconv.Itoa(c.PID), "--mount"}
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

// AttachContainer follows the output from now on. Input is refused before.
func (c *container) AttachContainer(ctx context.Context, _, _, _ string, _ io.Reader, out, errOut io.WriteCloser,
	_ bool, _ <-chan remotecommand.TerminalSize) error {
	options := &logs.LogOptions{Follow: true, Since: time.Now()}
	return logs.ReadLogs(ctx, c.LogFile, c.ID, options, alive{pid: c.PID}, out, errOut)
}

func exitStatus(err error) error {
	if exit, ok := err.(*exec.ExitError); ok {
		return utilexec.CodeExitError{Err: err, Code: exit.ExitCode()}
	}
	return err
}

// runInTerminal runs the command on a pseudo terminal of its own.
func runInTerminal(command *exec.Cmd, in io.Reader, out io.Writer, resize <-chan remotecommand.TerminalSize) error {
	master, slave, err := openTerminal()
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
			_ = setTerminalSize(master, size.Width, size.Height)
		}
	}()
	if in != nil {
		go func() { _, _ = io.Copy(master, in) }()
	}
	// Ends with an error when the program does: nobody holds the other side any more.
	_, _ = io.Copy(out, master)
	return command.Wait()
}
