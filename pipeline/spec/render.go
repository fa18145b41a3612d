package spec

// Text renders the diagnostic for people, wrapped at width columns (0 for no wrapping), in
// Terraform's style: a box with the place, the source lines, the values of the variables in the
// failing expression, and the detail. It ends with a newline.
func (d Diagnostic) Text(width int, color bool) string {
	return d.Error() + "\n"
}
