// Package common is a wing: tables and loops that kinds share. It holds no code.
//
//	arrayfile   files of arrays that other programs wrote, as plain slices
//	dataset     the "dataset" artifact: samples with labels and attributes, and their law
//	model       the "model" artifact: a network at one or more steps of its training
//	statedict   a model as files that PyTorch and safetensors read
//	trainloop   where batches come from, the loop over steps, when it looks and when it ends
//	evaluation  what is measured of a network or of predictions, and in which columns
//	csvtext     comma-separated text, row by row, and the numbers in it
//	gather      many instances' tables as one, axes first; rows and columns picked from it
//	measure     which columns are shares, and which intervals their means have
//	markup      text escaped for Markdown and LaTeX
//	picture     PNG, JPEG and WebP as pixels, resized; a page of samples
//	ink         pages of lines, shapes and text, as SVG, PDF and PNG
//
// A folder here knows its neighbours, the contract (package stages), tables and numeric; no kind.
package common
