/* jansson (Debian's libjansson): parses a record at a time into a tree, so that the record's own
 * bytes are known, and writes the same fields as the other contenders. */
#include <jansson.h>

#include "contender.h"

static void append_text(contender_output *output, const char *bytes, size_t count) {
  static const char digits[] = "0123456789abcdef";
  contender_append(output, "\"", 1);
  contender_need(output, 6 * count + 2);
  for (size_t index = 0; index < count; index++) {
    unsigned char byte = (unsigned char)bytes[index];
    if (byte == '"' || byte == '\\') output->bytes[output->count++] = '\\';
    if (byte < 0x20) {
      memcpy(output->bytes + output->count, "\\u00", 4);
      output->bytes[output->count + 4] = digits[byte >> 4];
      output->bytes[output->count + 5] = digits[byte & 15];
      output->count += 6;
    } else {
      output->bytes[output->count++] = (char)byte;
    }
  }
  contender_append(output, "\"", 1);
}

static int is_set(const json_t *value) {
  if (value == NULL || json_is_null(value)) return 0;
  return !json_is_string(value) || json_string_length(value) > 0;
}

static char separator;

static void begin_field(contender_output *output, const char *name) {
  contender_append(output, &separator, 1);
  separator = ',';
  contender_append(output, "\"", 1);
  contender_append(output, name, strlen(name));
  contender_append(output, "\":", 2);
}

static void put(contender_output *output, const char *name, const json_t *value) {
  char number[32];
  if (!is_set(value)) return;
  begin_field(output, name);
  if (json_is_string(value)) {
    append_text(output, json_string_value(value), json_string_length(value));
  } else if (json_is_integer(value)) {
    int count = snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    contender_append(output, number, (size_t)count);
  } else if (json_is_boolean(value)) {
    contender_append(output, json_is_true(value) ? "true" : "false", json_is_true(value) ? 4 : 5);
  }
}

static const json_t *first(const json_t *one, const json_t *two, const json_t *three) {
  return is_set(one) ? one : is_set(two) ? two : three;
}

static const json_t *pair(const json_t *list, const char *name) {
  size_t index;
  json_t *element;
  json_array_foreach(list, index, element) {
    const char *its = json_string_value(json_object_get(element, "Name"));
    if (its != NULL && strcmp(its, name) == 0) return json_object_get(element, "Value");
  }
  return NULL;
}

static void put_address(contender_output *output, const json_t *value) {
  if (!is_set(value) || !json_is_string(value)) return;
  begin_field(output, "ip");
  /* One byte before and behind the text stands for the quotes. */
  size_t count = json_string_length(value) + 2;
  const char *text = contender_address(json_string_value(value) - 1, &count);
  append_text(output, text, count);
}

static void reshape(json_t *record, contender_output *output) {
#define GET(name) json_object_get(record, name)
  const json_t *extended = GET("ExtendedProperties"), *device = GET("DeviceProperties");
  separator = '{';
  put(output, "time", GET("CreationTime"));
  put(output, "id", GET("Id"));
  put(output, "operation", GET("Operation"));
  put(output, "organization", GET("OrganizationId"));
  put(output, "record_type", GET("RecordType"));
  put(output, "result", GET("ResultStatus"));
  put(output, "workload", GET("Workload"));
  put(output, "user", GET("UserId"));
  put(output, "user_key", GET("UserKey"));
  put(output, "user_type", GET("UserType"));
  put_address(output, first(GET("ClientIP"), GET("ClientIPAddress"), GET("ActorIpAddress")));
  put(output, "object", GET("ObjectId"));
  put(output, "app", first(GET("ApplicationId"), GET("AppId"), NULL));
  put(output, "user_agent",
      first(GET("UserAgent"), pair(extended, "UserAgent"), GET("ClientInfoString")));
  put(output, "site", GET("SiteUrl"));
  put(output, "file", GET("SourceFileName"));
  put(output, "item_type", GET("ItemType"));
  put(output, "mailbox", GET("MailboxOwnerUPN"));
  put(output, "inter_system", GET("InterSystemsId"));
  put(output, "intra_system", GET("IntraSystemId"));
  put(output, "result_detail", pair(extended, "ResultStatusDetail"));
  put(output, "os", pair(device, "OS"));
  put(output, "browser", pair(device, "BrowserType"));
  put(output, "session",
      first(GET("SessionId"), pair(device, "SessionId"),
            json_object_get(GET("AppAccessContext"), "AADSessionId")));
  begin_field(output, "raw");
#undef GET
}

static size_t contender_reshape(const contender_blob *blob, contender_output *output) {
  size_t records = 0, position = 1;
  while (position < blob->count) {
    json_error_t error;
    json_t *record = json_loadb(
        blob->bytes + position, blob->count - position, JSON_DISABLE_EOF_CHECK, &error);
    if (record == NULL) {
      fprintf(stderr, "jansson: %s at %zu\n", error.text, position);
      abort();
    }
    reshape(record, output);
    contender_append(output, blob->bytes + position, (size_t)error.position);
    contender_append(output, "}\n", 2);
    json_decref(record);
    records++;
    /* The comma, or the bracket that ends the array. */
    position += (size_t)error.position + 1;
  }
  return records;
}

int main(int count, char **words) { return contender_main(count, words); }
