module github.com/andybalholm/brotli

go 1.22.0

require github.com/molecule-man/go-brrr v1.3.1
