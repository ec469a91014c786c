package probes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"observatoire/secret"
)

// The bounds of reading a contract.
const (
	maxContract     = 8_000_000        // bytes of a document
	contractWait    = 10 * time.Second // to read it
	contractDaily   = 24 * time.Hour   // it is read again after that
	contractAnew    = 5 * time.Minute  // until the next attempt where none was ever read
	contractRefresh = time.Hour        // until the next attempt where one is held
)

// version tells one state of a document from another.
type version struct {
	etag, modified string // of an answer
	changed        time.Time
	size           int64 // of a file
}

var errUnchanged = errors.New("the document has not changed")

// ensure makes sure that a contract is held, and once a day that it is the one
// which is published. Each reading is waited for.
func (c *Contract) ensure(from *Vantage) error {
	now := time.Now()
	switch {
	case c.held == nil && now.Before(c.next):
		return c.failed
	case c.held == nil:
		held, err := c.read(from)
		if err != nil {
			c.failed, c.next = err, now.Add(contractAnew)
			return err
		}
		c.held, c.failed = held, nil
	case now.After(c.next):
		c.reread(from)
	}
	return nil
}

// read reads the document as if for the first time.
func (c *Contract) read(from *Vantage) (*contract, error) {
	held, is, err := c.fetchAndLoad(from, version{})
	if err == nil {
		c.version, c.next = is, time.Now().Add(contractDaily)
	}
	return held, err
}

// reread replaces the contract that is held where the document has changed.
func (c *Contract) reread(from *Vantage) {
	held, is, err := c.fetchAndLoad(from, c.version)
	c.next = time.Now().Add(contractDaily)
	switch {
	case err == nil:
		held.several = c.held.several
		c.held, c.version = held, is
	case !errors.Is(err, errUnchanged):
		c.next = time.Now().Add(contractRefresh)
	}
}

func (c *Contract) fetchAndLoad(from *Vantage, known version) (*contract, version, error) {
	read := c.readFile
	if c.remote() {
		read = func(known version) ([]byte, version, error) { return c.fetch(from, known) }
	}
	data, is, err := read(known)
	if err != nil {
		return nil, version{}, err
	}
	held, err := loadContract(data)
	return held, is, err
}

// fetch gets the document as any other answer is got, so that the network
// policy and the bounds hold for it too.
func (c *Contract) fetch(from *Vantage, known version) ([]byte, version, error) {
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(c.wait, contractWait))
	defer cancel()
	request := &HTTP{URL: c.Document, MaxBody: maxContract, MaxRedirects: defaultMaxRedirects, Headers: map[string]secret.Value{}}
	if known.etag != "" {
		request.Headers["If-None-Match"] = secret.New(known.etag)
	}
	if known.modified != "" {
		request.Headers["If-Modified-Since"] = secret.New(known.modified)
	}
	o, err := request.Observe(ctx, from)
	switch {
	case err != nil:
		return nil, version{}, fmt.Errorf("the document cannot be read: %w", err)
	case o.Status == http.StatusNotModified && known != version{}:
		return nil, version{}, errUnchanged
	case o.Status != http.StatusOK:
		return nil, version{}, fmt.Errorf("the document cannot be read: status %d", o.Status)
	}
	return o.Body, version{etag: o.Header.Get("ETag"), modified: o.Header.Get("Last-Modified")}, nil
}

func (c *Contract) readFile(known version) ([]byte, version, error) {
	info, err := os.Stat(c.Document)
	if err != nil {
		return nil, version{}, fmt.Errorf("the document cannot be read: %w", root(err))
	}
	is := version{changed: info.ModTime(), size: info.Size()}
	switch {
	case !info.Mode().IsRegular(): // a pipe or a device may have no end
		return nil, version{}, errors.New("the document cannot be read: it is not a regular file")
	case is == known:
		return nil, version{}, errUnchanged
	case info.Size() > maxContract:
		return nil, version{}, fmt.Errorf("the document is larger than %s", Bytes(maxContract))
	}
	file, err := os.Open(c.Document)
	if err != nil {
		return nil, version{}, fmt.Errorf("the document cannot be read: %w", root(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxContract))
	if err != nil {
		return nil, version{}, fmt.Errorf("the document cannot be read: %w", root(err))
	}
	return data, is, nil
}
