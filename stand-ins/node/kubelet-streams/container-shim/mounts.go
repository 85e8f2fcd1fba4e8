package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// mountAll gives the container its view of this machine's files. What is to be bound is opened first, since a mount
// may hide it.
func mountAll(wanted *spec) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	sources := make([]int, len(wanted.Binds))
	for i, bind := range wanted.Binds {
		fd, err := unix.Open(bind.Source, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("mounting %s at %s: %w", bind.Source, bind.Target, err)
		}
		sources[i] = fd
	}
	for _, folder := range wanted.Open {
		if err := openFolder(folder, wanted.Scratch); err != nil {
			return fmt.Errorf("making room for mount points in %s: %w", folder, err)
		}
	}
	for i, bind := range wanted.Binds {
		if err := bindAt(sources[i], bind.Target); err != nil {
			return fmt.Errorf("mounting %s at %s: %w", bind.Source, bind.Target, err)
		}
	}
	for _, bind := range wanted.Binds {
		if !bind.ReadOnly {
			continue
		}
		if err := makeReadOnly(bind.Target); err != nil {
			return fmt.Errorf("mounting %s read-only: %w", bind.Target, err)
		}
	}
	for _, fd := range sources {
		_ = unix.Close(fd)
	}
	if slices.Contains(wanted.Open, "/") {
		if err := closeRoot(); err != nil {
			return fmt.Errorf("leaving the machine's root: %w", err)
		}
	}
	if !wanted.HostPID {
		// Where the system forbids it (an ordinary user in a container of its own), the machine's processes are seen.
		_ = unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	}
	return nil
}

// bindAt mounts at a path that is missing only in an opened folder or inside of another mount.
func bindAt(source int, target string) error {
	var stat unix.Stat_t
	if err := unix.Fstat(source, &stat); err != nil {
		return err
	}
	if stat.Mode&unix.S_IFMT == unix.S_IFDIR {
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
	} else if _, err := os.Stat(target); err != nil {
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		file, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		_ = file.Close()
	}
	return unix.Mount(fmt.Sprintf("/proc/self/fd/%d", source), target, "", unix.MS_BIND|unix.MS_REC, "")
}

// makeReadOnly keeps the flags that a user namespace may not take away.
func makeReadOnly(target string) error {
	var stat unix.Statfs_t
	if err := unix.Statfs(target, &stat); err != nil {
		return err
	}
	kept := uintptr(stat.Flags) & (unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME | unix.MS_NODIRATIME)
	return unix.Mount("", target, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|kept, "")
}

// openFolder shows a folder as a tmpfs in which mount points can be made, with links to its entries in .host. Links
// of the folder itself are copied, since a relative one would lead elsewhere from .host.
func openFolder(folder, scratch string) error {
	if err := unix.Mount("tmpfs", scratch, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	if folder == "/" {
		return openRoot(scratch)
	}
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	if err := os.Chmod(scratch, info.Mode()); err != nil {
		return err
	}
	host := filepath.Join(scratch, ".host")
	if err := os.Mkdir(host, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(folder, host, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := showEntry(folder, scratch, entry); err != nil {
			return err
		}
	}
	return unix.Mount(scratch, folder, "", unix.MS_MOVE, "")
}

// showEntry links to an entry of an opened folder, and binds one that is a mount point: the terminals of /dev/pts are
// asked for their path.
func showEntry(folder, scratch string, entry os.DirEntry) error {
	path, shown := filepath.Join(folder, entry.Name()), filepath.Join(scratch, entry.Name())
	to := filepath.Join(".host", entry.Name())
	if path == "/dev/ptmx" && unix.Access("/dev/pts/ptmx", unix.R_OK|unix.W_OK) == nil {
		// As in containers everywhere: the kernel names a terminal by the ptmx that it was made by.
		to = "pts/ptmx"
	}
	if entry.Type()&os.ModeSymlink != 0 {
		var err error
		if to, err = os.Readlink(path); err != nil {
			return nil
		}
	}
	if entry.IsDir() && isMountPoint(folder, path) {
		return bindEntry(path, shown, entry)
	}
	return os.Symlink(to, shown)
}

func isMountPoint(folder, path string) bool {
	var parent, child unix.Stat_t
	return unix.Stat(folder, &parent) == nil && unix.Stat(path, &child) == nil && parent.Dev != child.Dev
}

// openRoot makes a new root with the old one's entries bound: the root cannot be mounted over.
func openRoot(scratch string) error {
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := bindEntry("/"+entry.Name(), filepath.Join(scratch, entry.Name()), entry); err != nil {
			return err
		}
	}
	old := filepath.Join(scratch, ".old")
	if err := os.Mkdir(old, 0o755); err != nil {
		return err
	}
	if err := unix.PivotRoot(scratch, old); err != nil {
		return err
	}
	return os.Chdir("/")
}

// closeRoot lets the old root go, out of which volumes were bound until now.
func closeRoot() error {
	if err := unix.Unmount("/.old", unix.MNT_DETACH); err != nil {
		return err
	}
	return os.Remove("/.old")
}

func bindEntry(source, target string, entry os.DirEntry) error {
	switch {
	case entry.Type()&os.ModeSymlink != 0:
		to, err := os.Readlink(source)
		if err != nil {
			return err
		}
		return os.Symlink(to, target)
	case entry.IsDir():
		if err := os.Mkdir(target, 0o755); err != nil {
			return err
		}
	case entry.Type().IsRegular():
		if err := os.WriteFile(target, nil, 0o644); err != nil {
			return err
		}
	default:
		return nil
	}
	return unix.Mount(source, target, "", unix.MS_BIND|unix.MS_REC, "")
}
