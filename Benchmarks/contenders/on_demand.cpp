// simdjson's On-Demand parser (Debian's libsimdjson): reads about 30 members of each record, writes
// about 20 fields and the record itself. Compiled with FIND_ONLY it writes nothing.
//
// The output is that of all contenders: fields in a fixed order, absent ones left out, tokens of
// JSON copied as they are.
#include <simdjson.h>

#include <string_view>

#include "contender.h"

using namespace simdjson;

namespace {

enum Field {
  TIME, ID, OPERATION, ORGANIZATION, RECORD_TYPE, RESULT, WORKLOAD, USER, USER_KEY, USER_TYPE,
  ADDRESS, OBJECT, APPLICATION, USER_AGENT, SITE, FILE_NAME, ITEM_TYPE, MAILBOX, INTER_SYSTEM,
  INTRA_SYSTEM, RESULT_DETAIL, OS, BROWSER, SESSION, FIELDS
};

constexpr std::string_view names[FIELDS] = {
    "\"time\":", "\"id\":", "\"operation\":", "\"organization\":", "\"record_type\":",
    "\"result\":", "\"workload\":", "\"user\":", "\"user_key\":", "\"user_type\":", "\"ip\":",
    "\"object\":", "\"app\":", "\"user_agent\":", "\"site\":", "\"file\":", "\"item_type\":",
    "\"mailbox\":", "\"inter_system\":", "\"intra_system\":", "\"result_detail\":", "\"os\":",
    "\"browser\":", "\"session\":"};

// What has a rank fills a field only if nothing of a lower rank did.
struct Slot {
  std::string_view name;
  Field field;
  int rank;
};

constexpr Slot slots[] = {
    {"CreationTime", TIME, 0}, {"Id", ID, 0}, {"Operation", OPERATION, 0},
    {"OrganizationId", ORGANIZATION, 0}, {"RecordType", RECORD_TYPE, 0},
    {"ResultStatus", RESULT, 0}, {"Workload", WORKLOAD, 0}, {"UserId", USER, 0},
    {"UserKey", USER_KEY, 0}, {"UserType", USER_TYPE, 0}, {"ClientIP", ADDRESS, 0},
    {"ClientIPAddress", ADDRESS, 1}, {"ActorIpAddress", ADDRESS, 2}, {"ObjectId", OBJECT, 0},
    {"ApplicationId", APPLICATION, 0}, {"AppId", APPLICATION, 1}, {"UserAgent", USER_AGENT, 0},
    {"ClientInfoString", USER_AGENT, 2}, {"SiteUrl", SITE, 0}, {"SourceFileName", FILE_NAME, 0},
    {"ItemType", ITEM_TYPE, 0}, {"MailboxOwnerUPN", MAILBOX, 0},
    {"InterSystemsId", INTER_SYSTEM, 0}, {"IntraSystemId", INTRA_SYSTEM, 0},
    {"SessionId", SESSION, 0}};

struct Found {
  std::string_view token[FIELDS];
  int rank[FIELDS];

  void clear() {
    for (int field = 0; field < FIELDS; field++) {
      token[field] = {};
      rank[field] = 99;
    }
  }

  void set(Field field, int its_rank, std::string_view text) {
    if (its_rank >= rank[field] || text.empty() || text == "null" || text == "\"\"") return;
    token[field] = text;
    rank[field] = its_rank;
  }
};

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n')) token.remove_suffix(1);
  return token;
}

const Slot *slot(std::string_view name) {
  for (const Slot &candidate : slots) {
    if (candidate.name.size() == name.size() &&
        memcmp(candidate.name.data(), name.data(), name.size()) == 0) {
      return &candidate;
    }
  }
  return nullptr;
}

// Lists of objects with a Name and a Value.
template <typename Take>
void pairs(ondemand::value list, Take take) {
  ondemand::array array;
  if (list.get_array().get(array)) return;
  for (auto element : array) {
    ondemand::object pair;
    if (element.get_object().get(pair)) continue;
    std::string_view name, value;
    for (auto member : pair) {
      ondemand::raw_json_string key = member.key();
      if (key == "Name") {
        name = trimmed(member.value().raw_json_token());
      } else if (key == "Value") {
        value = trimmed(member.value().raw_json_token());
      }
    }
    take(name, value);
  }
}

void read(ondemand::object record, Found &found) {
  found.clear();
  for (auto member : record) {
    ondemand::raw_json_string key = member.key();
    const char *text = key.raw();
    // Names hold no escapes in this corpus; the quote ends them.
    const std::string_view name(text, (const char *)memchr(text, '"', 64) - text);
    if (const Slot *place = slot(name)) {
      found.set(place->field, place->rank, trimmed(member.value().raw_json_token()));
    } else if (name == "ExtendedProperties") {
      pairs(member.value(), [&](std::string_view pair, std::string_view value) {
        if (pair == "\"UserAgent\"") found.set(USER_AGENT, 1, value);
        if (pair == "\"ResultStatusDetail\"") found.set(RESULT_DETAIL, 0, value);
      });
    } else if (name == "DeviceProperties") {
      pairs(member.value(), [&](std::string_view pair, std::string_view value) {
        if (pair == "\"OS\"") found.set(OS, 0, value);
        if (pair == "\"BrowserType\"") found.set(BROWSER, 0, value);
        if (pair == "\"SessionId\"") found.set(SESSION, 1, value);
      });
    } else if (name == "AppAccessContext") {
      ondemand::object context;
      if (member.value().get_object().get(context)) continue;
      for (auto inner : context) {
        if (inner.key() == "AADSessionId") {
          found.set(SESSION, 2, trimmed(inner.value().raw_json_token()));
        }
      }
    }
  }
}

void write(const Found &found, std::string_view raw, contender_output *output) {
  contender_need(output, raw.size() + 64);
  char separator = '{';
  for (int field = 0; field < FIELDS; field++) {
    std::string_view token = found.token[field];
    if (token.empty()) continue;
    contender_append(output, &separator, 1);
    separator = ',';
    contender_append(output, names[field].data(), names[field].size());
    if (field == ADDRESS && token.front() == '"') {
      size_t count = token.size();
      const char *text = contender_address(token.data(), &count);
      contender_append(output, "\"", 1);
      contender_append(output, text, count);
      contender_append(output, "\"", 1);
    } else {
      contender_append(output, token.data(), token.size());
    }
  }
  contender_append(output, &separator, 1);
  contender_append(output, "\"raw\":", 6);
  contender_append(output, raw.data(), raw.size());
  contender_append(output, "}\n", 2);
}

ondemand::parser parser;
Found found;

}  // namespace

static size_t contender_reshape(const contender_blob *blob, contender_output *output) {
  size_t records = 0;
  ondemand::document document;
  // Checks the UTF-8 of the whole blob; raw control bytes between values were not generated.
  auto error = parser.iterate(blob->bytes, blob->count, blob->count + CONTENDER_SLACK).get(document);
  ondemand::array array;
  if (error || document.get_array().get(array)) abort();
  for (auto element : array) {
    ondemand::object record;
    if (element.get_object().get(record)) abort();
    read(record, found);
#ifdef FIND_ONLY
    output->count += found.token[ID].size();
#else
    if (record.reset().error()) abort();
    std::string_view raw;
    if (record.raw_json().get(raw)) abort();
    write(found, trimmed(raw), output);
#endif
    records++;
  }
  return records;
}

int main(int count, char **words) { return contender_main(count, words); }
