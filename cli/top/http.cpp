// SPDX-License-Identifier: MIT OR Apache-2.0
#include "http.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <httplib.h>
#include <netdb.h>
#include <sys/socket.h>

namespace ron::cli::top {
namespace {

using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr seconds kConnectTimeout{3};
constexpr seconds kReadTimeout{5};
constexpr seconds kPatience{10};
constexpr std::size_t kLargestBody = std::size_t{64} << 20U;
constexpr int kOk = 200;

bool is_known(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const bool known = ::getaddrinfo(host.c_str(), nullptr, &hints, &found) == 0;
  if (known) ::freeaddrinfo(found);
  return known;
}

std::string reason_of(httplib::Error error, const Url& url) {
  switch (error) {
    case httplib::Error::Connection:
      return is_known(url.host) ? "nobody answers there" : "there is no such host";
    case httplib::Error::ConnectionTimeout:
      return "it takes too long to connect";
    case httplib::Error::Read:
    case httplib::Error::Write:
      return "the answer broke off or took too long";
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return "no encrypted connection could be made";
    default:
      return fmt::format("HTTP failed ({})", httplib::to_string(error));
  }
}

template <class Client>
std::expected<std::string, std::string> get_from(Client& client, const Url& url,
                                                 const std::function<bool()>& is_wanted) {
  client.set_connection_timeout(kConnectTimeout);
  client.set_read_timeout(kReadTimeout);
  const Clock::time_point deadline = Clock::now() + kPatience;
  std::string body;
  std::string_view too_much;
  const auto receive = [&](const char* data, std::size_t size) {
    if (body.size() + size > kLargestBody) too_much = "the answer is too long";
    if (Clock::now() >= deadline) too_much = "the answer takes too long";
    if (!too_much.empty() || !is_wanted()) return false;
    body.append(data, size);
    return true;
  };
  const auto result = client.Get(url.path, {{"Accept", "text/plain;version=0.0.4"}}, receive);
  if (!too_much.empty()) return std::unexpected{std::string{too_much}};
  if (!result) return std::unexpected{reason_of(result.error(), url)};
  if (result->status != kOk) {
    return std::unexpected{fmt::format("it answers with HTTP status {}", result->status)};
  }
  return body;
}

}  // namespace

std::expected<std::string, std::string> get(const Url& url,
                                            const std::function<bool()>& is_wanted) {
  if (url.encrypted) {
    httplib::SSLClient client{url.host, url.port};
    return get_from(client, url, is_wanted);
  }
  httplib::Client client{url.host, url.port};
  return get_from(client, url, is_wanted);
}

}  // namespace ron::cli::top
