package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"observatoire/probes"
)

const (
	switchFile  = "hosts-off.json" // below the data folder
	switchEvery = 5 * time.Second  // how often at most the file is looked at
	maxSwitches = 1 << 20          // bytes of it
)

// switched is a host that is off, or several.
type switched struct {
	Host   probes.Host `json:"host"`
	Since  time.Time   `json:"since"`
	Until  time.Time   `json:"until,omitzero"` // zero: until it is switched on
	Reason string      `json:"reason,omitempty"`
}

func (s switched) over(now time.Time) bool { return !s.Until.IsZero() && !now.Before(s.Until) }

// readSwitches returns the hosts that are off by the file; none when there is no file.
func readSwitches(path string) ([]switched, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSwitches+1))
	if err == nil && len(text) > maxSwitches {
		err = fmt.Errorf("larger than %d bytes", maxSwitches)
	}
	var list []switched
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	for _, s := range list {
		if s.Host == "" && err == nil {
			err = errors.New("an entry names no host")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// changeSwitches makes a change to the file, whole or not at all; what is over
// is left out. Of two changes at once, one waits for the other.
func changeSwitches(dir string, change func([]switched) ([]switched, error)) error {
	lock, err := os.OpenFile(filepath.Join(dir, "hosts-off.lock"), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("data folder %s: %w", dir, err)
	}
	path := filepath.Join(dir, switchFile)
	old, err := readSwitches(path)
	if err != nil {
		return err
	}
	list, err := change(current(old, time.Now()))
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	if len(text) > maxSwitches {
		return fmt.Errorf("%s: would be larger than %d bytes", path, maxSwitches)
	}
	return replaceFile(path, append(text, '\n'))
}

// current returns the entries that are not over, never nil.
func current(list []switched, now time.Time) []switched {
	kept := make([]switched, 0, len(list)+1)
	for _, s := range list {
		if !s.over(now) {
			kept = append(kept, s)
		}
	}
	return kept
}

// replaceFile writes a file so that a reader sees the old one or the new one.
func replaceFile(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = io.Copy(f, bytes.NewReader(text))
	err = errors.Join(err, f.Chmod(0o640), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// switches follow the file while the observatory runs.
type switches struct {
	path string
	log  zerolog.Logger

	mu     sync.Mutex
	looked time.Time
	file   os.FileInfo // as it was read; nil when there was none
	list   []switched
}

// followSwitches reads the file below the data folder. One that cannot be read
// is an error: what is off must not be probed.
func followSwitches(dir string, log zerolog.Logger) (*switches, error) {
	s := &switches{path: filepath.Join(dir, switchFile), log: log, looked: time.Now()}
	s.file, _ = os.Stat(s.path)
	var err error
	s.list, err = readSwitches(s.path)
	return s, err
}

// Off reports whether the host is switched off. A change of the file is seen
// within five seconds; where the new one cannot be read, the old one holds.
func (s *switches) Off(host string) bool {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.looked) >= switchEvery {
		s.looked = now
		s.look()
	}
	for _, off := range s.list {
		if !off.over(now) && off.Host.Matches(host) {
			return true
		}
	}
	return false
}

// look reads the file when it is another one than before.
func (s *switches) look() {
	file, err := os.Stat(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return // what was read holds
	}
	if same(s.file, file) {
		return
	}
	list, err := readSwitches(s.path)
	if s.file = file; err != nil {
		s.log.Error().Err(err).Msg("hosts that are off not read anew: those of before stay off")
		return
	}
	s.list = list
	s.log.Info().Int("off", len(current(list, time.Now()))).Msg("hosts switched")
}

func same(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
