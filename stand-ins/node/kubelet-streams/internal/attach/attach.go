// Package attach is what a container's shim and those who attach to it say to each other on DIR/shim.sock: frames of
// a kind (one byte), a length (four bytes, big-endian) and data.
package attach

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// Kinds of frames. A client gets output once it has said Hello.
const (
	Hello byte = iota
	Stdout
	Stderr
	Stdin
	StdinClosed
	Resize
)

const (
	name         = "shim.sock"
	largestFrame = 1 << 20
)

// Listen makes the socket of a folder. The folder is entered, since a socket's path must be short.
func Listen(dir string) (net.Listener, error) {
	if err := os.Chdir(dir); err != nil {
		return nil, err
	}
	_ = os.Remove(name)
	return net.Listen("unix", name)
}

// Dial connects to the socket of a folder.
func Dial(dir string) (net.Conn, error) {
	fd, err := unix.Open(dir, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return net.Dial("unix", fmt.Sprintf("/proc/self/fd/%d/%s", fd, name))
}

// Write sends one frame.
func Write(to io.Writer, kind byte, data []byte) error {
	frame := make([]byte, 5, 5+len(data))
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], uint32(len(data)))
	_, err := to.Write(append(frame, data...))
	return err
}

// Read takes one frame.
func Read(from io.Reader) (byte, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(head[1:])
	if length > largestFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes", length)
	}
	data := make([]byte, length)
	_, err := io.ReadFull(from, data)
	return head[0], data, err
}

// SizeData is the data of a Resize frame.
func SizeData(width, height uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, width), height)
}

// Size reads the data of a Resize frame.
func Size(data []byte) (width, height uint16, ok bool) {
	if len(data) != 4 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(data), binary.BigEndian.Uint16(data[2:]), true
}
