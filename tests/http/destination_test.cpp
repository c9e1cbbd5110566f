#include "src/http/destination.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::http {

namespace {

struct url_case {
  const char* url;
  const char* origin;  ///< Empty: refused.
  const char* authority;
  const char* target;
};

class http_urls : public ::testing::TestWithParam<url_case> {};

TEST_P(http_urls, are_taken_apart) {
  const auto& param = GetParam();
  const auto to = parse_url(param.url);
  ASSERT_EQ(to.has_value(), *param.origin != '\0') << param.url;
  if (!to)
    return;
  EXPECT_EQ(to->origin, param.origin);
  EXPECT_EQ(to->authority, param.authority);
  EXPECT_EQ(to->target, param.target);
}

INSTANTIATE_TEST_SUITE_P(
  accepted, http_urls,
  ::testing::Values(
    url_case{"http://example.org", "http example.org 80", "example.org", "/"},
    url_case{"HTTPS://Example.ORG/a?b=c#d", "https example.org 443", "Example.ORG", "/a?b=c"},
    url_case{"http://h:8080?q", "http h 8080", "h:8080", "/?q"},
    url_case{"http://127.0.0.1:1/x", "http 127.0.0.1 1", "127.0.0.1:1", "/x"},
    url_case{"http://[2001:DB8::1]:81/", "http 2001:DB8::1 81", "[2001:DB8::1]:81", "/"},
    url_case{"https://a_b-c.d/%20@:", "https a_b-c.d 443", "a_b-c.d", "/%20@:"}));

INSTANTIATE_TEST_SUITE_P(
  refused, http_urls,
  ::testing::Values(
    url_case{"", "", "", ""}, url_case{"example.org/", "", "", ""},
    url_case{"//example.org/", "", "", ""}, url_case{"ftp://example.org/", "", "", ""},
    url_case{"file:///etc/passwd", "", "", ""}, url_case{"http://", "", "", ""},
    url_case{"http:///x", "", "", ""}, url_case{"http://user@example.org/", "", "", ""},
    url_case{"http://good.org@10.0.0.1/", "", "", ""},
    url_case{"http://good.org\\@10.0.0.1/", "", "", ""},
    url_case{"http://ex%61mple.org/", "", "", ""}, url_case{"http://h:0/", "", "", ""},
    url_case{"http://h:65536/", "", "", ""}, url_case{"http://h:/", "", "", ""},
    url_case{"http://h:80:80/", "", "", ""}, url_case{"http://h /", "", "", ""},
    url_case{"http://h/a b", "", "", ""}, url_case{"http://h/a\r\nX: y", "", "", ""},
    url_case{"http://h/\\x", "", "", ""}, url_case{"http://[::1/", "", "", ""},
    url_case{"http://[::1]x/", "", "", ""}, url_case{"http://[fe80::1%eth0]/", "", "", ""},
    url_case{"http://[1.2.3.4]/", "", "", ""}, url_case{"http://m\xc3\xbcnchen.de/", "", "", ""}));

struct address_case {
  const char* address;
  bool is_public;
};

class http_addresses : public ::testing::TestWithParam<address_case> {};

TEST_P(http_addresses, are_told_apart) {
  const auto address = literal_address(GetParam().address);
  ASSERT_TRUE(address);
  EXPECT_EQ(is_public(*address), GetParam().is_public) << GetParam().address;
}

INSTANTIATE_TEST_SUITE_P(
  all, http_addresses,
  ::testing::Values(address_case{"8.8.8.8", true}, address_case{"1.1.1.1", true},
                    address_case{"9.255.255.255", true}, address_case{"11.0.0.0", true},
                    address_case{"172.15.255.255", true}, address_case{"172.32.0.0", true},
                    address_case{"100.63.255.255", true}, address_case{"100.128.0.0", true},
                    address_case{"223.255.255.255", true}, address_case{"0.0.0.0", false},
                    address_case{"0.1.2.3", false}, address_case{"10.1.2.3", false},
                    address_case{"100.64.0.1", false}, address_case{"100.127.255.255", false},
                    address_case{"127.0.0.1", false}, address_case{"127.255.255.254", false},
                    address_case{"169.254.169.254", false}, address_case{"172.16.0.1", false},
                    address_case{"172.31.255.255", false}, address_case{"192.0.0.8", false},
                    address_case{"192.0.2.1", false}, address_case{"192.168.255.255", false},
                    address_case{"198.18.0.1", false}, address_case{"198.19.255.255", false},
                    address_case{"198.51.100.1", false}, address_case{"203.0.113.1", false},
                    address_case{"224.0.0.1", false}, address_case{"239.255.255.255", false},
                    address_case{"240.0.0.1", false}, address_case{"255.255.255.255", false},
                    address_case{"2606:4700:4700::1111", true},
                    address_case{"::ffff:8.8.8.8", true}, address_case{"64:ff9b::808:808", true},
                    address_case{"2002:808:808::1", true}, address_case{"::", false},
                    address_case{"::1", false}, address_case{"::ffff:127.0.0.1", false},
                    address_case{"::ffff:10.0.0.1", false}, address_case{"::127.0.0.1", false},
                    address_case{"64:ff9b::a00:1", false},
                    address_case{"64:ff9b:1::808:808", false}, address_case{"2002:7f00:1::", false},
                    address_case{"2001::1", false}, address_case{"2001:db8::1", false},
                    address_case{"3fff::1", false}, address_case{"fc00::1", false},
                    address_case{"fdff::1", false}, address_case{"fe80::1", false},
                    address_case{"fec0::1", false}, address_case{"ff02::1", false}));

}  // namespace

}  // namespace parley::http
