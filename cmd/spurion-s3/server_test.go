package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"spurion/artifacts"
	"spurion/artifacts/remote"
)

// TestServer asks a real server what the store relies on: SPURION_TEST_BUCKET=s3://BUCKET, with credentials and AWS_ENDPOINT_URL_S3 in the
// environment. The bucket is made if it is not there; .ci/s3 does it with versitygw.
func TestServer(t *testing.T) {
	place := os.Getenv("SPURION_TEST_BUCKET")
	if place == "" {
		t.Skip("SPURION_TEST_BUCKET names no bucket")
	}
	place += fmt.Sprintf("/%d", time.Now().UnixNano())
	o, _, err := open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	b := o.(*bucket)
	if _, err := b.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b.name}); err != nil && !isCode(err, "BucketAlreadyOwnedByYou") && !isCode(err, "BucketAlreadyExists") {
		t.Fatal(err)
	}
	t.Run("a second put is refused", func(t *testing.T) {
		if err := put(t, o, "one", "text", false); err != nil {
			t.Fatal(err)
		}
		if err := put(t, o, "one", "other", false); !errors.Is(err, remote.ErrExists) {
			t.Error(err)
		}
		if data, err := o.Get(t.Context(), "one", 10); err != nil || string(data) != "text" {
			t.Errorf("%q, %v", data, err)
		}
	})
	t.Run("of 32 writers one wins", func(t *testing.T) {
		var errs [32]error
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { errs[i] = put(t, o, "race", fmt.Sprint(i), false) })
		}
		all.Wait()
		winner := -1
		for i, err := range errs {
			switch {
			case err == nil && winner < 0:
				winner = i
			case !errors.Is(err, remote.ErrExists):
				t.Errorf("writer %d: %v", i, err)
			}
		}
		if data, err := o.Get(t.Context(), "race", 10); err != nil || string(data) != fmt.Sprint(winner) {
			t.Errorf("%q, %v; writer %d won", data, err, winner)
		}
	})
	t.Run("changed bytes are refused", func(t *testing.T) {
		if err := o.Put(t.Context(), "bad", []byte("text"), artifacts.Sum([]byte("other")), false); err == nil || !strings.Contains(err.Error(), "changed on their way") {
			t.Error(err)
		}
		if _, err := o.Has(t.Context(), "bad"); !errors.Is(err, remote.ErrMissing) {
			t.Error(err)
		}
	})
	t.Run("what is cut short is not there", func(t *testing.T) {
		large := bytes.Repeat([]byte("spurion"), 4<<20)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		if err := o.Put(ctx, "cut", large, artifacts.Sum(large), false); err == nil {
			t.Skip("the server was too fast")
		}
		if data, err := o.Get(t.Context(), "cut", int64(len(large))); err == nil && !bytes.Equal(data, large) || err != nil && !errors.Is(err, remote.ErrMissing) {
			t.Errorf("%d bytes, %v", len(data), err)
		}
	})
	t.Run("lists go over pages", func(t *testing.T) {
		var all sync.WaitGroup
		slots := make(chan bool, together)
		for i := range 1100 {
			slots <- true
			all.Go(func() {
				if err := put(t, o, fmt.Sprintf("list/%04d", i), "", false); err != nil {
					t.Error(err)
				}
				<-slots
			})
		}
		all.Wait()
		list, err := o.List(t.Context(), "list/")
		if err != nil || len(list) != 1100 || list[7].Name != "list/0007" || time.Since(list[7].Time).Abs() > time.Hour {
			t.Errorf("%d objects, %v", len(list), err)
		}
		if err := o.Delete(t.Context(), "list/0007"); err != nil {
			t.Error(err)
		}
		if _, err := o.Has(t.Context(), "list/0007"); !errors.Is(err, remote.ErrMissing) {
			t.Error(err)
		}
	})
	t.Run("anybody may read what a policy opens", func(t *testing.T) { readAnonymously(t, b, place) })
	t.Run("wrong credentials are told", func(t *testing.T) {
		t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
		o, _, err := open(t.Context(), place)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Get(t.Context(), "one", 10); err == nil || !strings.Contains(err.Error(), "AWS_SECRET_ACCESS_KEY") {
			t.Error(err)
		}
	})
	t.Run("a bucket that is not there is told", func(t *testing.T) {
		o, _, err := open(t.Context(), "s3://no-such-bucket-here/x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Get(t.Context(), "one", 10); !errors.Is(err, remote.ErrURL) {
			t.Error(err)
		}
	})
}

func readAnonymously(t *testing.T, b *bucket, place string) {
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}`, b.name)
	if _, err := b.client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &b.name, Policy: aws.String(policy)}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	o, opened, err := open(t.Context(), place)
	if err != nil || !opened.ReadOnly {
		t.Fatalf("%+v, %v", opened, err)
	}
	if data, err := o.Get(t.Context(), "one", 10); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	// Who may not list is not told what is not there.
	if _, err := o.Get(t.Context(), "nothing", 10); !errors.Is(err, remote.ErrDenied) && !errors.Is(err, remote.ErrMissing) {
		t.Error(err)
	}
	if err := put(t, o, "theirs", "text", false); !errors.Is(err, remote.ErrDenied) {
		t.Error(err)
	}
}
