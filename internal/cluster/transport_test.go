// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// A cluster that answers nothing for as long as a request may take is unavailable; one slow answer among others is none.
func TestSilenceIsRemembered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answered time.Time
		asked    int
	}{
		"silent":           {time.Time{}, 1},
		"one slow request": {time.Now(), 3},
	} {
		asked := 0
		silent := &outage{answered: test.answered, next: roundTrip(func(request *http.Request) (*http.Response, error) {
			asked++
			<-request.Context().Done()
			return nil, context.Cause(request.Context())
		})}
		for range 3 {
			ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errTimedOut)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://far", nil)
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := silent.RoundTrip(request); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v, %v", name, answer, err)
			}
			cancel()
		}
		if asked != test.asked {
			t.Errorf("%s: it was asked %d times, not %d", name, asked, test.asked)
		}
	}
}

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

// farServer counts requests, and has each answered by what a test says.
type farServer struct {
	at     []time.Duration
	answer func(number int, since time.Duration) (*http.Response, error)
}

// client sends through our transport to nowhere but here.
func (s *farServer) client() http.Client {
	began := time.Now()
	return http.Client{Transport: transport("far", roundTrip(func(request *http.Request) (*http.Response, error) {
		if request.Body != nil {
			if content, err := io.ReadAll(request.Body); err != nil || string(content) != "{}" {
				return nil, errors.New("the body is " + string(content))
			}
		}
		since := time.Since(began)
		s.at = append(s.at, since)
		return s.answer(len(s.at), since)
	}))}
}

func newResponse(code int, body string, headers ...string) *http.Response {
	header := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func doRequest(t *testing.T, client http.Client, method string) (code int, body string, header http.Header, err error) {
	t.Helper()
	var content io.Reader
	if method != http.MethodGet {
		content = strings.NewReader("{}")
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://far", content)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", nil, err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(read), answer.Header, err
}

// A cluster that cannot be reached costs its time once, not for every resource; and not for long after it is back.
func TestOutageIsRemembered(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]error{
		"server": errRefused,
		"proxy":  &net.OpError{Op: "proxyconnect", Net: "tcp", Err: errRefused},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &farServer{answer: func(int, time.Duration) (*http.Response, error) { return nil, refused }}
				client := s.client()
				for range 3 {
					if _, _, _, err := doRequest(t, client, http.MethodPost); !errors.Is(err, syscall.ECONNREFUSED) {
						t.Errorf("%v", err)
					}
				}
				want := []time.Duration{0, 250 * time.Millisecond, 750 * time.Millisecond, 1750 * time.Millisecond, 3750 * time.Millisecond}
				if !slices.Equal(s.at, want) {
					t.Errorf("it was dialled at %v", s.at)
				}
				s.answer = func(int, time.Duration) (*http.Response, error) { return newResponse(http.StatusOK, ""), nil }
				time.Sleep(outageTTL)
				if code, _, _, err := doRequest(t, client, http.MethodPost); code != http.StatusOK {
					t.Errorf("it is back: %v", err)
				}
			})
		})
	}
}

// An API server that restarts fails nothing.
func TestShortOutage(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		synctest.Test(t, func(t *testing.T) {
			s := &farServer{answer: func(_ int, since time.Duration) (*http.Response, error) {
				if since < 3*time.Second {
					return nil, errRefused
				}
				return newResponse(http.StatusOK, ""), nil
			}}
			want := []time.Duration{0, 250 * time.Millisecond, 750 * time.Millisecond, 1750 * time.Millisecond, 3750 * time.Millisecond}
			if code, _, _, err := doRequest(t, s.client(), method); code != http.StatusOK || !slices.Equal(s.at, want) {
				t.Errorf("%s: %v, after %v", method, err, s.at)
			}
		})
	}
}

// A cluster that swallows what is sent to it costs one dial.
func TestDialThatTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &farServer{answer: func(int, time.Duration) (*http.Response, error) {
			time.Sleep(dialTimeout)
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}
		}}
		if _, _, _, err := doRequest(t, s.client(), http.MethodGet); err == nil || len(s.at) != 1 {
			t.Errorf("%v, after %v", err, s.at)
		}
	})
}

// A request that may have been done is not repeated, by us or by client-go, which heeds Retry-After; one that cannot have been
// done is.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	const webhook = `{"kind":"Status","message":"Internal error occurred: failed calling webhook \"w\": connection refused","code":500}`
	for name, test := range map[string]struct {
		code    int
		body    string
		headers []string
		want    map[string]int // attempts by method
	}{
		"unavailable, later": {503, "{}", []string{"Retry-After", "1"}, map[string]int{"POST": 1, "PUT": 1, "GET": 11, "PATCH": 11}},
		"too many, later":    {429, "{}", []string{"Retry-After", "1"}, map[string]int{"POST": 1, "PUT": 1, "GET": 11, "PATCH": 11}},
		"throttled": {
			429, "{}", []string{"Retry-After", "1", "X-Kubernetes-PF-FlowSchema-UID", "u"},
			map[string]int{"POST": 11, "PUT": 11, "GET": 11},
		},
		"after the timeout": {429, "{}", []string{"Retry-After", "31"}, map[string]int{"GET": 1}},
		"until the timeout": {429, "{}", []string{"Retry-After", "9"}, map[string]int{"GET": 4}},
		"unavailable":       {503, "{}", nil, map[string]int{"POST": 1, "PUT": 1, "GET": 4, "PATCH": 4, "DELETE": 4}},
		"failure":           {500, "{}", nil, map[string]int{"POST": 1, "PUT": 1, "GET": 1, "PATCH": 1, "DELETE": 1}},
		"webhook":           {500, webhook, nil, map[string]int{"POST": 7, "PUT": 7, "PATCH": 7, "DELETE": 7}},
		"webhook, proxy":    {502, webhook, nil, map[string]int{"POST": 1, "PATCH": 4}},
	} {
		t.Run(name, func(t *testing.T) {
			for method, want := range test.want {
				synctest.Test(t, func(t *testing.T) {
					s := &farServer{answer: func(int, time.Duration) (*http.Response, error) {
						return newResponse(test.code, test.body, test.headers...), nil
					}}
					code, body, header, err := doRequest(t, s.client(), method)
					if err != nil || code != test.code || body != test.body {
						t.Errorf("%s: %d %s, %v", method, code, body, err)
					}
					if len(s.at) != want || s.at[len(s.at)-1] >= requestTimeout {
						t.Errorf("%s was sent at %v", method, s.at)
					}
					if header.Get("Retry-After") != "" {
						t.Errorf("client-go will send the %s again", method)
					}
				})
			}
		})
	}
}

// A request ends after its timeout: before the answer, or while its body is read. The end of the operation is another one.
func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		url       string
		operation time.Duration // the deadline of what the request is for
		answers   bool          // and then sends no body
		want      error
		after     time.Duration
	}{
		"no answer":                 {"http://far", time.Hour, false, errTimedOut, requestTimeout},
		"no body":                   {"http://far", time.Hour, true, errTimedOut, requestTimeout},
		"end of the operation":      {"http://far", time.Second, false, errNoTimeLeft, time.Second},
		"end while it is read":      {"http://far", time.Second, true, errNoTimeLeft, time.Second},
		"a watch has no end":        {"http://far?watch=true", time.Hour, false, context.DeadlineExceeded, time.Hour},
		"not even while it is read": {"http://far?watch=true", time.Hour, true, context.DeadlineExceeded, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := http.Client{Transport: transport("far", roundTrip(func(request *http.Request) (*http.Response, error) {
					if test.answers {
						return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: silentBody{request.Context()}}, nil
					}
					<-request.Context().Done()
					return nil, context.Cause(request.Context())
				}))}
				ctx, cancel := context.WithTimeout(t.Context(), test.operation)
				defer cancel()
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, test.url, nil)
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				answer, err := client.Do(request)
				if test.answers && err == nil {
					_, err = io.ReadAll(answer.Body)
					_ = answer.Body.Close()
				}
				other := map[error]error{errTimedOut: errNoTimeLeft, errNoTimeLeft: errTimedOut}[test.want]
				if !errors.Is(err, test.want) || other != nil && errors.Is(err, other) {
					t.Errorf("%v", err)
				}
				if took := time.Since(began); took != test.after {
					t.Errorf("it ended after %s", took)
				}
			})
		})
	}
}

// silentBody sends nothing until the request ends.
type silentBody struct{ request context.Context }

func (b silentBody) Read([]byte) (int, error) {
	<-b.request.Done()
	return 0, b.request.Err()
}

func (silentBody) Close() error { return nil }

// A request whose time is up while it waits for another attempt ends as such.
func TestRetryEndsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errTimedOut)
		defer cancel()
		s := &farServer{answer: func(int, time.Duration) (*http.Response, error) { return nil, errRefused }}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://far", nil)
		if err != nil {
			t.Fatal(err)
		}
		client := s.client()
		if answer, err := client.Do(request); !errors.Is(err, errTimedOut) {
			t.Errorf("%v, %v", answer, err)
		}
	})
}

// A write whose operation ends before the webhook can be called again says that it is the webhook; and who only asks whether
// it can be called asks once.
func TestWebhookRetryEnds(t *testing.T) {
	t.Parallel()
	const webhook = `{"kind":"Status","message":"Internal error occurred: failed calling webhook \"w\": connection refused","code":500}`
	for name, limit := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"time is short": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 400*time.Millisecond)
		},
		"asked once": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithValue(ctx, askedOnce{}, true), func() {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := limit(t.Context())
				defer cancel()
				s := &farServer{answer: func(int, time.Duration) (*http.Response, error) { return newResponse(500, webhook), nil }}
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://far", nil)
				if err != nil {
					t.Fatal(err)
				}
				client := s.client()
				answer, err := client.Do(request)
				if err != nil || answer.StatusCode != http.StatusInternalServerError || len(s.at) != 1 {
					t.Fatalf("%v, %v, sent at %v", answer, err, s.at)
				}
				_ = answer.Body.Close()
			})
		})
	}
}

// What may have arrived is not posted again.
func TestPostsAreNotRepeated(t *testing.T) {
	t.Parallel()
	asked := atomic.Int64{}
	host := listen(t, func(conn net.Conn) {
		asked.Add(1)
		_, _ = conn.Read(make([]byte, 1024))
		_ = conn.Close()
	})
	client := http.Client{Transport: transport("far", &http.Transport{})}
	if _, err := client.Post("http://"+host, "", strings.NewReader("{}")); err == nil {
		t.Error("no error")
	}
	if asked.Load() != 1 {
		t.Errorf("it was posted %d times", asked.Load())
	}
}

// sendAll sends requests at once and returns how each ended, and the greatest number that were under way.
func sendAll(t *testing.T, requests int, answer func(*http.Request) (*http.Response, error)) (ended []error, most int64) {
	t.Helper()
	var underWay, peak atomic.Int64
	far := transport("far", roundTrip(func(request *http.Request) (*http.Response, error) {
		now := underWay.Add(1)
		defer underWay.Add(-1)
		for before := peak.Load(); now > before && !peak.CompareAndSwap(before, now); before = peak.Load() {
		}
		return answer(request)
	}))
	results := Gather(requests, make([]struct{}, requests), func(struct{}) (any, error) {
		_, _, _, err := doRequest(t, http.Client{Transport: far}, http.MethodGet)
		return nil, err
	})
	for _, done := range results {
		ended = append(ended, done.Err)
	}
	return ended, peak.Load()
}

// The time of a request begins when it is sent: those that wait for others are not late.
func TestWaitForASlotIsNotCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ended, most := sendAll(t, 3*maxInFlight, func(*http.Request) (*http.Response, error) {
			time.Sleep(requestTimeout * 2 / 3)
			return newResponse(http.StatusOK, ""), nil
		})
		if err := errors.Join(ended...); err != nil || most != maxInFlight {
			t.Errorf("%d at once: %v", most, err)
		}
		if took := time.Since(began); took != 2*requestTimeout {
			t.Errorf("it took %s", took)
		}
	})
}

// Requests that wait behind others to a cluster that does not answer end with them.
func TestWaitBehindAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ended, _ := sendAll(t, 10*maxInFlight, func(request *http.Request) (*http.Response, error) {
			<-request.Context().Done()
			return nil, context.Cause(request.Context())
		})
		for _, err := range ended {
			if !errors.Is(err, errTimedOut) {
				t.Fatalf("%v", err)
			}
		}
		if took := time.Since(began); took != requestTimeout {
			t.Errorf("it took %s", took)
		}
	})
}

// A request that waits for another attempt lets others go first, and then goes before those that came later.
func TestPausesLeaveTheirSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		began := time.Now()
		ended, most := sendAll(t, 10*maxInFlight, func(*http.Request) (*http.Response, error) {
			if asked.Add(1) <= maxInFlight {
				return newResponse(http.StatusServiceUnavailable, "", "Retry-After", "1"), nil
			}
			time.Sleep(requestTimeout / 5)
			return newResponse(http.StatusOK, ""), nil
		})
		if err := errors.Join(ended...); err != nil || most != maxInFlight {
			t.Errorf("%d at once: %v", most, err)
		}
		if took := time.Since(began); took != 2*requestTimeout {
			t.Errorf("it took %s", took)
		}
	})
}

// A request that waits for others ends with its operation; a watch does not wait.
func TestWaitForASlotEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		url   string
		limit func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		"time is up": {"http://far", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, errNoTimeLeft},
		"interrupted": {"http://far", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, context.Canceled},
		"watch": {"http://far?watch=true", context.WithCancel, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far := transport("far", roundTrip(func(request *http.Request) (*http.Response, error) {
					if !isWatch(request) {
						time.Sleep(requestTimeout / 2)
					}
					return newResponse(http.StatusOK, ""), nil
				}))
				for range maxInFlight {
					go func() { _, _, _, _ = doRequest(t, http.Client{Transport: far}, http.MethodGet) }()
				}
				synctest.Wait()
				ctx, cancel := test.limit(t.Context())
				defer cancel()
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, test.url, nil)
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				answer, err := far.RoundTrip(request)
				if !errors.Is(err, test.want) || (err == nil) != (answer != nil) {
					t.Errorf("%v, %v", answer, err)
				}
				if took := time.Since(began); test.want == nil && took != 0 || test.want != nil && took != time.Second {
					t.Errorf("it ended after %s", took)
				}
				time.Sleep(requestTimeout) // until the others have ended
			})
		})
	}
}
