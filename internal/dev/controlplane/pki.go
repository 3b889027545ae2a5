// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

const certificateLifetime = 7 * 24 * time.Hour

// keyPair is a private key and, where it has one, its certificate, both as PEM.
type keyPair struct {
	certificate []byte
	key         []byte

	private *ecdsa.PrivateKey
}

// certificateAuthority signs the certificates of one cluster.
type certificateAuthority struct {
	keyPair
	root *x509.Certificate
}

func newKeyPair() (keyPair, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return keyPair{}, err
	}
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return keyPair{}, err
	}
	return keyPair{key: encodePEM("EC PRIVATE KEY", der), private: private}, nil
}

func newAuthority(name string) (*certificateAuthority, error) {
	pair, err := newKeyPair()
	if err != nil {
		return nil, err
	}
	template, err := certificateTemplate(name, nil)
	if err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, pair.private.Public(), pair.private)
	if err != nil {
		return nil, err
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pair.certificate = encodePEM("CERTIFICATE", der)
	return &certificateAuthority{keyPair: pair, root: root}, nil
}

// issue signs a certificate that serves 127.0.0.1 and the hosts, and proves the identity of a user in groups.
func (a *certificateAuthority) issue(user string, groups []string, hosts ...string) (keyPair, error) {
	pair, err := newKeyPair()
	if err != nil {
		return keyPair{}, err
	}
	template, err := certificateTemplate(user, groups)
	if err != nil {
		return keyPair{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	template.DNSNames = hosts
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, pair.private.Public(), a.private)
	if err != nil {
		return keyPair{}, err
	}
	pair.certificate = encodePEM("CERTIFICATE", der)
	return pair, nil
}

func certificateTemplate(name string, groups []string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name, Organization: groups},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(certificateLifetime),
	}, nil
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
