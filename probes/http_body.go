package probes

import (
	"compress/gzip"
	"errors"
	"io"
)

var errTooLarge = errors.New("the body is larger than the limit")

// errEncoding wraps what is wrong with a compressed body.
type errEncoding struct{ error }

func (e errEncoding) Unwrap() error { return e.error }

// readBody reads a whole body, of at most limit bytes both as it is sent and
// decompressed. What was read is returned also with an error, which is
// errTooLarge beyond the limit.
func readBody(body io.Reader, zipped bool, limit int64) ([]byte, error) {
	raw := &boundedReader{from: body, left: limit}
	if !zipped {
		return io.ReadAll(raw)
	}
	unzipped, err := gzip.NewReader(raw)
	if err == io.EOF && raw.left == limit { // no body at all, as after HEAD
		return nil, nil
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(&boundedReader{from: unzipped, left: limit})
	}
	if err != nil && raw.err == nil && !errors.Is(err, errTooLarge) {
		err = errEncoding{err}
	}
	return text, err
}

// boundedReader reads at most left bytes, and fails where there are more.
type boundedReader struct {
	from io.Reader
	left int64
	err  error // what ended it, but a proper end
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), errTooLarge
	}
	b.left -= int64(n)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}
