// Command spurion-s3 gets and puts objects in buckets, and gets them from web servers, for the program spurion, which starts it: see
// docs/remote.md. It is a program of its own since what it is made of takes longer to compile than the rest of Spurion.
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"

	"spurion/artifacts/remote"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "spurion-s3 takes no arguments: spurion starts it, for remote stores at s3:// and https:// (see docs/remote.md)")
		os.Exit(2)
	}
	if err := remote.Serve(os.Stdin, os.Stdout, "spurion-s3", open); err != nil {
		fmt.Fprintln(os.Stderr, "spurion-s3:", err)
		os.Exit(1)
	}
}

// open opens a bucket or a web server.
func open(ctx context.Context, place string) (remote.Objects, remote.Opened, error) {
	if _, err := remote.Check(place); err != nil {
		return nil, remote.Opened{}, err
	}
	u, err := url.Parse(place)
	if err != nil {
		return nil, remote.Opened{}, err
	}
	if u.Scheme == "s3" {
		return openBucket(ctx, u)
	}
	return openWeb(u)
}
