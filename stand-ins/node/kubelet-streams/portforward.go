package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
)

// PortForward connects a stream to the pod's port: the relayed one where node mapped it, else its twin's.
func (p *pod) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	address := net.JoinHostPort(p.Loopback, strconv.Itoa(int(port)))
	if mapped, ok := p.Ports[strconv.Itoa(int(port))]; ok {
		address = net.JoinHostPort("127.0.0.1", strconv.Itoa(mapped))
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("failed to connect to port %d of pod %s/%s: %w", port, p.Namespace, p.Name, err)
	}
	defer connection.Close()
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(connection, stream)
		if tcp, ok := connection.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		sent <- err
	}()
	if _, err := io.Copy(stream, connection); err != nil {
		return err
	}
	select {
	case err = <-sent:
	default:
		// The pod hung up first.
	}
	return err
}
