package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"spurion/artifacts/remote"
)

// remedies say what the codes of S3 mean, and what to do.
var remedies = []struct {
	codes []string
	cause error
	text  string
}{
	{[]string{"NoSuchKey", "NotFound"}, remote.ErrMissing, "it is not there"},
	{[]string{"PreconditionFailed", "ConditionalRequestConflict"}, remote.ErrExists, "it is there already"},
	{[]string{"NoSuchBucket"}, remote.ErrURL, "there is no such bucket: make it, or correct the URL or AWS_ENDPOINT_URL_S3"},
	{[]string{"InvalidBucketName"}, remote.ErrURL, "that is no name of a bucket: correct the URL"},
	{[]string{"PermanentRedirect", "MovedPermanently", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}, remote.ErrURL, "the bucket is in another region: set AWS_REGION"},
	{[]string{"InvalidAccessKeyId"}, remote.ErrUnreachable, "it does not know the access key: correct AWS_ACCESS_KEY_ID or the profile"},
	{[]string{"SignatureDoesNotMatch"}, remote.ErrUnreachable, "the secret key is not that of the access key: correct AWS_SECRET_ACCESS_KEY or the profile"},
	{[]string{"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"}, remote.ErrUnreachable, "the session's token has expired: log in again"},
	{[]string{"RequestTimeTooSkewed"}, remote.ErrUnreachable, "the clock of this machine is wrong: set it"},
	{[]string{"AccessDenied", "Forbidden", "AllAccessDisabled"}, remote.ErrDenied, "these credentials do not allow it: ask for s3:GetObject, s3:ListBucket and, to push, s3:PutObject"},
	{[]string{"XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch", "BadDigest", "InvalidDigest"}, remote.ErrUnreachable, "the bytes were changed on their way: try again"},
	{[]string{"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "TooManyRequests"}, remote.ErrUnreachable, fmt.Sprintf("it was too busy %d times in a row: try again later", attempts)},
	{[]string{"NotImplemented"}, remote.ErrUnsupported, "the server cannot do that: use one that takes If-None-Match and SHA-256, such as Amazon S3 or versitygw"},
	{[]string{"QuotaExceeded", "EntityTooLarge"}, remote.ErrUnreachable, "there is no room for it: ask for more, or run spurion cache gc --remote"},
}

func isCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}

// explain makes a sentence of an error. It quotes codes of the server alone: its words may repeat what it was sent.
func (b *bucket) explain(doing, name string, err error) error {
	what := fmt.Sprintf("%s %s/%s: ", doing, b.where, name)
	var api smithy.APIError
	if errors.As(err, &api) {
		for _, r := range remedies {
			if slices.Contains(r.codes, api.ErrorCode()) {
				text := r.text
				if r.cause == remote.ErrDenied && b.anonymous {
					text = "not everybody may, and no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
				}
				return &remote.Error{Cause: r.cause, Text: what + text}
			}
		}
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() > 0 {
		return ofStatus(what, response.HTTPStatusCode())
	}
	if api != nil {
		return &remote.Error{Cause: remote.ErrUnreachable, Text: what + "the server says " + api.ErrorCode()}
	}
	return ofNetwork(what, err)
}

// ofStatus makes an error of a status of HTTP for which there is no better one.
func ofStatus(what string, status int) error {
	switch {
	case status == http.StatusNotFound || status == http.StatusGone:
		return &remote.Error{Cause: remote.ErrMissing, Text: what + "it is not there"}
	case status == http.StatusPreconditionFailed:
		return &remote.Error{Cause: remote.ErrExists, Text: what + "it is there already"}
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return &remote.Error{Cause: remote.ErrDenied, Text: what + "access is denied"}
	case status == http.StatusNotImplemented:
		return &remote.Error{Cause: remote.ErrUnsupported, Text: what + "the server cannot do that"}
	}
	return &remote.Error{Cause: remote.ErrUnreachable, Text: fmt.Sprintf("%sthe server answers %d %s: try again later", what, status, http.StatusText(status))}
}

// ofNetwork makes an error of what happened on the way to a server, without the URL that was asked for.
func ofNetwork(what string, err error) error {
	var name *net.DNSError
	var at *net.OpError
	var asked *url.Error
	var timeout net.Error
	text := "the connection failed"
	switch {
	case errors.As(err, &name):
		text = fmt.Sprintf("the host %s has no address: is there a network, and is the name right?", name.Name)
	case errors.As(err, &at):
		text = fmt.Sprintf("no connection (%v): is there a network, and does the server run?", at)
	case errors.As(err, &timeout) && timeout.Timeout():
		text = "no answer in time: try again later"
	case errors.As(err, &asked):
		text = fmt.Sprintf("the connection failed (%v)", asked.Err)
	}
	return &remote.Error{Cause: remote.ErrUnreachable, Text: what + text}
}
