package probes

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"sync"
	"time"
)

// sighting is what is remembered of content from one answer to the next: its
// digest, not itself.
type sighting struct {
	mu      sync.Mutex
	digest  [sha256.Size]byte
	first   time.Time // when content was first seen
	changed time.Time // when it was first seen to be other; zero before
}

// changed returns when the content of the answers last changed: the time of the
// first answer that held the present one, so that the true time is up to one
// period earlier. Until a change is seen the date is not known, except that once
// data first seen at the start would be overdue, it is known to be at least as
// old as that and the first sight is its date.
//
// What was seen is kept in memory: a restart forgets it.
func (f *Freshness) changed(o *Observation) (time.Time, error) {
	digest, err := f.digest(o)
	if err != nil {
		return time.Time{}, err
	}
	now := o.Time
	if now.IsZero() {
		now = time.Now()
	}
	s := &f.sight
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.first.IsZero():
		s.first, s.digest = now, digest
	case digest != s.digest:
		s.changed, s.digest = now, digest
	}
	if !s.changed.IsZero() {
		return s.changed, nil
	}
	if due, ok := f.Due(s.first); ok && now.After(due) {
		return s.first, nil
	}
	return time.Time{}, fmt.Errorf("not known yet: no change since it was first seen, at %s", s.first.UTC().Format(time.RFC3339))
}

// maxDigested bounds the bytes that are digested of one answer: a path may
// select the same part of it many times over.
const maxDigested = 64 << 20

// digest returns the digest of the content that counts.
func (f *Freshness) digest(o *Observation) (sum [sha256.Size]byte, err error) {
	if len(f.sources()) == 0 {
		return sha256.Sum256(o.Body), nil
	}
	into := digester{hash: sha256.New()}
	encoder := json.NewEncoder(&into) // one line each, the names of objects sorted
	var failed error
	err = f.values(o, func(value any) bool {
		failed = encoder.Encode(value)
		return failed == nil
	})
	if err = errors.Join(err, failed); err != nil {
		return sum, err
	}
	if into.size == 0 {
		return sum, errors.New("it selects nothing")
	}
	into.hash.Sum(sum[:0])
	return sum, nil
}

// digester is a digest of bounded work.
type digester struct {
	hash hash.Hash
	size int
}

func (d *digester) Write(p []byte) (int, error) {
	if d.size += len(p); d.size > maxDigested {
		return 0, fmt.Errorf("it selects more than %d bytes", maxDigested)
	}
	return d.hash.Write(p)
}
