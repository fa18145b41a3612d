package pipeline

import (
	"fmt"
	"path/filepath"
	"strings"

	"spurion/artifacts/frame"
	"spurion/pipeline/publish"
)

// ExportFormats gives the formats that Export writes.
func ExportFormats() []string { return publish.FormatNames() }

// Settle sets the format and the compression that the options leave open: those that the output's extension asks
// for, csv on standard output, parquet for a folder and where no output is named. A file whose extension asks for none, or
// that has none, is an error, so that no file is called what it is not.
func (o *ExportOptions) Settle() error {
	if o.Format != "" {
		if publish.Extension(frame.Format(o.Format), "") == "" {
			return fmt.Errorf("there is no format %q; there are %s", o.Format, strings.Join(publish.FormatNames(), ", "))
		}
		if o.Compression == "" && len(o.Partition) == 0 && frame.Format(o.Format).IsText() {
			o.Compression = publish.PackedBy(o.Output)
		}
		return nil
	}
	format, compression := publish.FormatOf(o.Output)
	switch {
	case o.Writer != nil:
		format = frame.CSV
	case format == "" && (len(o.Partition) > 0 || o.Output == ""):
		format = frame.Parquet
	case format == "" && filepath.Ext(o.Output) == "":
		return fmt.Errorf("%s has no extension, which chooses the format: give it one of %s, or choose with --format: %s",
			o.Output, strings.Join(publish.Extensions(), ", "), strings.Join(publish.FormatNames(), ", "))
	case format == "":
		return fmt.Errorf("no format goes by the extension %s of %s; there are %s, and those of text with .gz or .zst behind them; --format writes one whatever the name",
			filepath.Ext(o.Output), o.Output, strings.Join(publish.Extensions(), ", "))
	}
	if o.Format = string(format); o.Compression == "" && len(o.Partition) == 0 {
		o.Compression = compression
	}
	return nil
}

// Extension gives how the name of a file of the format ends: .parquet, .csv.gz.
func (o *ExportOptions) Extension() string {
	return publish.Extension(frame.Format(o.Format), o.Compression)
}
