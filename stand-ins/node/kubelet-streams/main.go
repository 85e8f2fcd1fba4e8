// kubelet-streams serves the part of the kubelet's port 10250 that streams: logs, exec, attach, port-forward.
// Protocols are the kubelet's own libraries; what to stream comes from the state files that node writes.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	address := flag.String("address", "", "address and port to listen on, loopback only")
	stateDir := flag.String("state-dir", "", "folder of the state files of node")
	clientCA := flag.String("client-ca-file", "", "require client certificates signed by it")
	name := flag.String("name", "localhost", "name in the serving certificate")
	untilStdin := flag.Bool("until-stdin-closes", false, "end when standard input does, so with whoever holds it")
	flag.Parse()
	if *untilStdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		}()
	}
	if err := run(*address, *stateDir, *clientCA, *name); err != nil {
		log.Fatalf("kubelet-streams: %v", err)
	}
}

func run(address, stateDir, clientCA, name string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--address=%q is refused: %w", address, err)
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--address=%q is refused: it is not an address of 127.0.0.0/8", address)
	}
	certificates, err := serving(name, ip, clientCA)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: routes(pods{stateDir}, clientCA != ""),
		// Upgraded connections of SPDY do not exist in HTTP/2.
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){},
		ReadHeaderTimeout: 30 * time.Second,
		TLSConfig:         certificates,
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
