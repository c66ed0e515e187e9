// What ModSecurity's own library makes of values: runs a file of rules over each value on standard input and says which
// rules matched, and the data that they log.
//
// In: for each value four bytes of length (little endian) and the value. It stands in the request header `x`.
// Out: for each value a number of matches, and for each of these the rule's id, a length and its data, numbers as above.

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <modsecurity/modsecurity.h>
#include <modsecurity/rule_message.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

namespace {

using Matches = std::vector<std::pair<uint32_t, std::string>>;

void keep(void *kept, const void *told) {
    const auto *message = static_cast<const modsecurity::RuleMessage *>(told);
    static_cast<Matches *>(kept)->emplace_back(message->m_ruleId, message->m_data);
}

bool read_number(uint32_t *number) {
    unsigned char bytes[4];
    if (std::fread(bytes, 1, sizeof bytes, stdin) != sizeof bytes) {
        return false;
    }
    *number = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<uint32_t>(bytes[3]) << 24;
    return true;
}

void write_number(uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) {
        std::putchar(number >> shift & 0xff);
    }
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s RULES\n", arguments[0]);
        return 2;
    }
    modsecurity::ModSecurity engine;
    engine.setServerLogCb(keep, modsecurity::RuleMessageLogProperty);
    modsecurity::RulesSet rules;
    if (rules.loadFromUri(arguments[1]) < 0) {
        std::fprintf(stderr, "%s\n", rules.getParserError().c_str());
        return 1;
    }
    const unsigned char name[] = "x";
    uint32_t length = 0;
    while (read_number(&length)) {
        std::string value(length, '\0');
        if (std::fread(&value[0], 1, length, stdin) != length) {
            return 1;
        }
        Matches matches;
        modsecurity::Transaction transaction(&engine, &rules, &matches);
        transaction.processConnection("127.0.0.1", 40000, "127.0.0.1", 80);
        transaction.processURI("/", "GET", "1.1");
        transaction.addRequestHeader(name, 1, reinterpret_cast<const unsigned char *>(value.data()), length);
        transaction.processRequestHeaders();
        write_number(static_cast<uint32_t>(matches.size()));
        for (const auto &match : matches) {
            write_number(match.first);
            write_number(static_cast<uint32_t>(match.second.size()));
            std::fwrite(match.second.data(), 1, match.second.size(), stdout);
        }
    }
    return 0;
}
