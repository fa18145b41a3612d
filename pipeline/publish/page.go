package publish

import (
	"bytes"
	"fmt"
)

// A Page is a file about all others. It may say when and where it was made, so it is not in the
// index, which says neither; instead it carries the digest of its content.
type Page struct {
	// Content gives the digest of what the page is to show, now that these files are there.
	Content func(files []Entry) (string, error)
	// Bytes gives the page, an HTML document that holds the digest in its head; it is called only if
	// the page has to be written.
	Bytes func(content string) ([]byte, error)
}

// pagePath is where the page stands.
const pagePath = "report.html"

// pageHead is how much of a page's beginning is searched for its content.
const pageHead = 2000

// page brings the page up to date with the files of the index.
func (p *publisher) page(index *Index) error {
	content, err := p.out.Page.Content(index.Files)
	if err != nil {
		return err
	}
	content += "-" + shortDigest(p.out.Program)
	old, err := p.folder.read(pagePath)
	if err != nil && !isMissing(err) {
		return err
	}
	sha := p.state.Files[pagePath].SHA256
	if sha == "" && !p.state.damaged && bytes.HasSuffix(bytes.TrimSpace(old), []byte("</html>")) {
		sha = digestOf(old)
	}
	if sha != "" && p.state.whole(p.folder, pagePath, sha) && bytes.Contains(old[:min(len(old), pageHead)], []byte(content)) {
		return nil
	}
	data, err := p.out.Page.Bytes(content)
	if err != nil {
		return err
	}
	if !bytes.Contains(data[:min(len(data), pageHead)], []byte(content)) {
		return fmt.Errorf("the page does not hold its content's digest")
	}
	if err := p.folder.write(pagePath, data); err != nil {
		return err
	}
	p.state.remember(p.folder, pagePath, digestOf(data))
	return nil
}
