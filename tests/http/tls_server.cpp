#include "tests/http/tls_server.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::http {

namespace {

void expect(bool held, const char* what) {
  if (!held)
    throw std::runtime_error{what};
}

void add_extension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  expect(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// A self-signed certificate, in the context and in a file.
void install_certificate(SSL_CTX* context, const std::string& name, const std::string& path) {
  auto* key = EVP_EC_gen("P-256");
  auto* certificate = X509_new();
  expect(key != nullptr && certificate != nullptr, "key");
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  auto* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, NID_subject_alt_name, "DNS:" + name);
  expect(X509_sign(certificate, key, EVP_sha256()) > 0, "sign");
  expect(SSL_CTX_use_certificate(context, certificate) == 1, "certificate");
  expect(SSL_CTX_use_PrivateKey(context, key) == 1, "private key");
  auto* file = std::fopen(path.c_str(), "w");
  expect(file != nullptr, "file");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

}  // namespace

tls_server::tls_server(const std::string& name, int connections, int version_max)
  : context_(SSL_CTX_new(TLS_server_method())) {
  char path[] = "/tmp/parley-certificate-XXXXXX";
  const int file = ::mkstemp(path);
  expect(file >= 0, "temporary file");
  ::close(file);
  certificate_path_ = path;
  install_certificate(context_.get(), name, certificate_path_);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), version_max);
  SSL_CTX_set_security_level(context_.get(), 0);
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  expect(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) == 0, "bind");
  expect(::listen(descriptor_, 16) == 0, "listen");
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this, connections] {
    for (int i = 0; i < connections; ++i)
      serve_one();
  }};
}

tls_server::~tls_server() {
  join();
  ::close(descriptor_);
  ::unlink(certificate_path_.c_str());
}

std::uint16_t tls_server::port() const {
  return port_;
}

void tls_server::join() {
  if (thread_.joinable())
    thread_.join();
}

/// Serves requests until the client ends the connection, or the handshake fails.
void tls_server::serve_one() {
  const int accepted = ::accept(descriptor_, nullptr, nullptr);
  auto* tls = SSL_new(context_.get());
  SSL_set_fd(tls, accepted);
  if (SSL_accept(tls) == 1) {
    const char* asked = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
    server_name_ = asked == nullptr ? "" : asked;
    char bytes[4096];
    for (int got = 0; (got = SSL_read(tls, bytes, sizeof bytes)) > 0;) {
      request_.assign(bytes, static_cast<std::size_t>(got));
      constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
      SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
    }
  }
  SSL_free(tls);
  ::close(accepted);
}

}  // namespace parley::http
