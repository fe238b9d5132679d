package runtimeapi

import (
	"io"
	"os"
	"strings"
)

// log keeps what the processes of a sandbox write, as CloudWatch Logs would: in a file without a name, to which they write
// themselves, so that what was written before an answer is there when the answer is.
type log struct {
	file *os.File
	text string // all of it, once the file is closed
}

func newLog() (*log, error) {
	file, err := os.CreateTemp("", "keyward-function-log-")
	if err != nil {
		return nil, err
	}
	return &log{file: file}, os.Remove(file.Name())
}

// lines are all that were written, the last one also where its end is missing.
func (l *log) lines() []string {
	text := strings.TrimSuffix(l.read(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func (l *log) read() string {
	if l.file == nil {
		return l.text
	}
	text, err := io.ReadAll(io.NewSectionReader(l.file, 0, 1<<40))
	if err != nil {
		return "the log can't be read: " + err.Error()
	}
	return string(text)
}

// close ends the file and keeps its text.
func (l *log) close() {
	if l.file == nil {
		return
	}
	l.text = l.read()
	_ = l.file.Close() // it was only read here
	l.file = nil
}
