package main

import (
	"bytes"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	longestLine = 16 * 1024
	// A kubelet's containerLogMaxSize. The file before is kept beside it.
	largestLog = 10 * 1024 * 1024
	timeFormat = "2006-01-02T15:04:05.000000000Z07:00"
)

// logFile is a container's log as runtimes write it: `TIME STREAM TAG LINE`.
type logFile struct {
	mutex  sync.Mutex
	folder int
	name   string
	file   *os.File
	size   int64
}

// openLog keeps the folder open, since the container may see something else at its path.
func openLog(folder int, name string) (*logFile, error) {
	log := &logFile{folder: folder, name: name}
	return log, log.open()
}

func (l *logFile) open() error {
	fd, err := unix.Openat(l.folder, l.name, unix.O_CREAT|unix.O_WRONLY|unix.O_APPEND|unix.O_CLOEXEC, 0o640)
	if err != nil {
		return err
	}
	l.file = os.NewFile(uintptr(fd), l.name)
	l.size = 0
	if info, err := l.file.Stat(); err == nil {
		l.size = info.Size()
	}
	return nil
}

func (l *logFile) write(lines []byte) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.size > largestLog {
		if err := unix.Renameat(l.folder, l.name, l.folder, l.name+".1"); err == nil {
			before := l.file
			if l.open() == nil {
				_ = before.Close()
			}
		}
	}
	written, _ := l.file.Write(lines)
	l.size += int64(written)
}

// cutter makes log lines of a stream; a line without its end is partial (P).
type cutter struct {
	stream string
	rest   []byte
}

func (c *cutter) push(chunk []byte, at time.Time) []byte {
	c.rest = append(c.rest, chunk...)
	var lines []byte
	for {
		end := bytes.IndexByte(c.rest, '\n')
		switch {
		case end >= 0 && end <= longestLine:
			lines = c.take(lines, end, end+1, 'F', at)
		case len(c.rest) > longestLine:
			lines = c.take(lines, longestLine, longestLine, 'P', at)
		default:
			return lines
		}
	}
}

// end is what is left when the stream ends.
func (c *cutter) end(at time.Time) []byte {
	if len(c.rest) == 0 {
		return nil
	}
	return c.take(nil, len(c.rest), len(c.rest), 'F', at)
}

func (c *cutter) take(lines []byte, end, next int, tag byte, at time.Time) []byte {
	lines = at.UTC().AppendFormat(lines, timeFormat)
	lines = append(lines, ' ')
	lines = append(lines, c.stream...)
	lines = append(lines, ' ', tag, ' ')
	lines = append(lines, c.rest[:end]...)
	c.rest = append(c.rest[:0], c.rest[next:]...)
	return append(lines, '\n')
}
