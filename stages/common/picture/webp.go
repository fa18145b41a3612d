package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
)

// decodeWebP reads a WebP file (RFC 9649): a list of chunks of which one is the picture. The list is read here and not by x/image/webp,
// which gives no Exif, decodes alpha, and believes sizes before anyone can hold them against a limit.
func decodeWebP(data []byte, maxPixels int) (*Image, error) {
	size := uint64(binary.LittleEndian.Uint32(data[4:])) + 8
	if size > uint64(len(data)) {
		return nil, damaged("WebP", io.ErrUnexpectedEOF)
	}
	var m *Image
	var exif []byte
	for rest := data[12:max(size, 12)]; len(rest) >= 8; {
		name, length := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		if length > uint64(len(rest)-8) {
			return nil, damaged("WebP", io.ErrUnexpectedEOF)
		}
		body := rest[8 : 8+length]
		rest = rest[min(8+length+length&1, uint64(len(rest))):] // chunks begin at even places
		var err error
		switch {
		case name == "ANIM" || name == "ANMF":
			return nil, errors.New("a WebP that moves, of which no picture is read: write the one that you mean as a WebP or PNG of its own")
		case name == "VP8 " && m == nil:
			m, err = decodeVP8(body, maxPixels)
		case name == "VP8L" && m == nil:
			m, err = decodeVP8L(body, maxPixels)
		case name == "EXIF" && exif == nil:
			exif = body
		}
		if err != nil {
			return nil, err
		}
	}
	if m == nil {
		return nil, damaged("WebP", errors.New("it has no picture"))
	}
	return m.turned(orientation(exif)), nil
}

// decodeVP8 reads a picture with loss (RFC 6386).
func decodeVP8(body []byte, maxPixels int) (*Image, error) {
	d := vp8.NewDecoder()
	d.Init(bytes.NewReader(body), len(body))
	header, err := d.DecodeFrameHeader()
	if err != nil {
		return nil, damaged("WebP", err)
	}
	if err := fits(header.Width, header.Height, maxPixels); err != nil {
		return nil, err
	}
	// A macroblock of 16 by 16 takes two bits and more, to say how it is predicted; one is a safe bound.
	if blocks := ((header.Width + 15) / 16) * ((header.Height + 15) / 16); blocks/8 > len(body) {
		return nil, damaged("WebP", io.ErrUnexpectedEOF)
	}
	decoded, err := d.DecodeFrame()
	if err != nil {
		return nil, damaged("WebP", err)
	}
	return asVideo.image(decoded), nil
}

// decodeVP8L reads a picture without loss. Its alpha, of which the colors know nothing, is dropped.
func decodeVP8L(body []byte, maxPixels int) (*Image, error) {
	config, err := vp8l.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return nil, damaged("WebP", err)
	}
	if err := fits(config.Width, config.Height, maxPixels); err != nil {
		return nil, err
	}
	decoded, err := vp8l.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, damaged("WebP", err)
	}
	return fromPixels(decoded)
}
