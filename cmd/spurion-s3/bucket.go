package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"spurion/artifacts"
	"spurion/artifacts/remote"
)

// attempts is how often a request is tried that a server is too busy for, with growing pauses of at most mostPause.
const attempts = 6

var mostPause = 8 * time.Second

// credentialsTime bounds the search for credentials, which asks a host that only clouds have.
const credentialsTime = 4 * time.Second

// A bucket is Objects below a prefix of a bucket.
type bucket struct {
	client    *s3.Client
	name      string
	prefix    string // "", or ends in a slash
	where     string // for people
	anonymous bool
}

// openBucket finds credentials, region and endpoint where AWS's own programs do. Without credentials it asks as anybody may.
func openBucket(ctx context.Context, u *url.URL) (remote.Objects, remote.Opened, error) {
	b := &bucket{name: u.Host, prefix: strings.Trim(u.Path, "/"), where: strings.TrimRight(u.String(), "/")}
	if b.prefix != "" {
		b.prefix += "/"
	}
	opened := remote.Opened{Name: b.where}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(tune)),
		config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired), // stores that only resemble S3 refuse CRC32
		config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = attempts, mostPause
				o.RateLimiter = ratelimit.None // of many requests at once that a busy server refuses, all are to be tried again
			})
		}))
	if err != nil {
		return nil, opened, &remote.Error{Cause: remote.ErrDenied, Text: "the settings of AWS cannot be read (" + settingsProblem(err) + "): correct AWS_PROFILE and the files in ~/.aws"}
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1" // what servers other than AWS expect
	}
	find, cancel := context.WithTimeout(ctx, credentialsTime)
	defer cancel()
	if cfg.Credentials == nil {
		b.anonymous = true
	} else if _, err := cfg.Credentials.Retrieve(find); err != nil {
		b.anonymous = true
	}
	if b.anonymous {
		cfg.Credentials = aws.AnonymousCredentials{}
		opened.ReadOnly = true
		opened.Note = "no credentials were found (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile), so " + b.where + " is only read, as anybody may"
	}
	endpoint := os.Getenv("AWS_ENDPOINT_URL_S3") + os.Getenv("AWS_ENDPOINT_URL")
	if cfg.BaseEndpoint != nil {
		endpoint = *cfg.BaseEndpoint
	}
	b.client = s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = endpoint != "" || strings.Contains(b.name, ".")
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	return b, opened, nil
}

func (b *bucket) key(name string) *string { return aws.String(b.prefix + name) }

func (b *bucket) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: b.key(name)}, func(o *s3.Options) {
		if name == remote.FormatName { // whoever has no network is not to wait
			o.RetryMaxAttempts = 2
		}
	})
	if err != nil {
		return nil, b.explain("reading", name, err)
	}
	defer out.Body.Close()
	data, err := readBody(out.Body, aws.ToInt64(out.ContentLength), most, cancel)
	if err != nil {
		return nil, b.explain("reading", name, err)
	}
	return data, remote.TooLong(name, int64(len(data)), most)
}

func (b *bucket) Has(ctx context.Context, name string) (remote.Object, error) {
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: b.key(name)})
	if err != nil {
		return remote.Object{}, b.explain("looking for", name, err)
	}
	return remote.Object{Name: name, Size: aws.ToInt64(out.ContentLength), Time: aws.ToTime(out.LastModified)}, nil
}

// Put sends the digest along, so that the server refuses bytes that were changed on their way.
func (b *bucket) Put(ctx context.Context, name string, data []byte, sum artifacts.Digest, over bool) error {
	in := &s3.PutObjectInput{
		Bucket: &b.name, Key: b.key(name), Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
	}
	if !over {
		in.IfNoneMatch = aws.String("*")
	}
	for try := range 3 {
		_, err := b.client.PutObject(ctx, in)
		if err == nil {
			return nil
		}
		if !isCode(err, "ConditionalRequestConflict") || try == 2 { // another puts it at this moment, and may fail
			return b.explain("writing", name, err)
		}
		in.Body = bytes.NewReader(data)
		select {
		case <-time.After(time.Duration(try+1) * 200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("unreachable")
}

func (b *bucket) List(ctx context.Context, prefix string) ([]remote.Object, error) {
	var list []remote.Object
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: b.key(prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, b.explain("listing", prefix, err)
		}
		for _, o := range page.Contents {
			list = append(list, remote.Object{Name: strings.TrimPrefix(aws.ToString(o.Key), b.prefix), Size: aws.ToInt64(o.Size), Time: aws.ToTime(o.LastModified)})
		}
	}
	return list, nil
}

func (b *bucket) Delete(ctx context.Context, name string) error {
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: b.key(name)}); err != nil {
		return b.explain("removing", name, err)
	}
	return nil
}

func (b *bucket) Close() error { return nil }

// settingsProblem shortens what the SDK says of files that it read, of which it quotes names only.
func settingsProblem(err error) string {
	var profile config.SharedConfigProfileNotExistError
	if errors.As(err, &profile) {
		return fmt.Sprintf("there is no profile %q", profile.Profile)
	}
	return "one of them is malformed"
}
