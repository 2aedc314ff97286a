// The standard library's FastCGI server with redigo's pool.
//
//	auth_ping SOCKET REDIS-SOCKET KEY-FILE TENANT
//
// Tuned: HMAC states and buffers are pooled, the Redis pool keeps every connection that it ever needed.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

const leeway = 60

type header struct {
	Alg string `json:"alg"`
}

type claims struct {
	Sub string   `json:"sub"`
	Exp *float64 `json:"exp"`
	Nbf float64  `json:"nbf"`
	Scp string   `json:"scp"`
	Jti string   `json:"jti"`
}

type server struct {
	tenant string
	macs   sync.Pool
	redis  *redis.Pool
}

var (
	pong        = []byte(`"pong"`)
	refused     = []byte(`{"status":"unauthorized"}`)
	unavailable = []byte(`{"status":"service unavailable"}`)
)

func decoded(text string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && json.Unmarshal(raw, into) == nil
}

func (s *server) check(token string) int {
	if len(token) > 7 && strings.EqualFold(token[:7], "bearer ") {
		token = token[7:]
	}
	first, last := strings.IndexByte(token, '.'), strings.LastIndexByte(token, '.')
	if first < 0 || first == last || strings.IndexByte(token[first+1:last], '.') >= 0 {
		return http.StatusUnauthorized
	}
	var head header
	signature, err := base64.RawURLEncoding.DecodeString(token[last+1:])
	if err != nil || !decoded(token[:first], &head) || head.Alg != "HS256" {
		return http.StatusUnauthorized
	}
	mac := s.macs.Get().(hash.Hash)
	mac.Reset()
	mac.Write([]byte(token[:last]))
	good := hmac.Equal(signature, mac.Sum(nil))
	s.macs.Put(mac)
	var said claims
	if !good || !decoded(token[first+1:last], &said) {
		return http.StatusUnauthorized
	}
	now := float64(time.Now().Unix())
	if said.Exp == nil || *said.Exp+leeway <= now || said.Nbf-leeway > now ||
		said.Scp != "rocket" || said.Sub != s.tenant {
		return http.StatusUnauthorized
	}
	connection := s.redis.Get()
	defer connection.Close()
	revoked, err := redis.Int(connection.Do("EXISTS", "cg:revoked:"+said.Jti))
	if err != nil {
		return http.StatusServiceUnavailable
	}
	if revoked != 0 {
		return http.StatusUnauthorized
	}
	return http.StatusOK
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := s.check(r.Header.Get("Authorization"))
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header()["Cache-Control"] = []string{"no-store"}
	w.WriteHeader(status)
	switch status {
	case http.StatusOK:
		w.Write(pong)
	case http.StatusUnauthorized:
		w.Write(refused)
	default:
		w.Write(unavailable)
	}
}

func main() {
	key, err := os.ReadFile(os.Args[3])
	if err != nil {
		panic(err)
	}
	key = bytes.TrimSuffix(key, []byte("\n"))
	redisSocket := os.Args[2]
	s := &server{tenant: os.Args[4]}
	s.macs.New = func() any { return hmac.New(sha256.New, key) }
	s.redis = &redis.Pool{
		MaxIdle: 512,
		Dial:    func() (redis.Conn, error) { return redis.Dial("unix", redisSocket) },
	}
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		panic(err)
	}
	os.Chmod(os.Args[1], 0666)
	panic(fcgi.Serve(listener, s))
}
