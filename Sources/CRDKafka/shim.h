#ifndef MILLRACE_CRDKAFKA_SHIM_H
#define MILLRACE_CRDKAFKA_SHIM_H
#include <librdkafka/rdkafka.h>
// The cluster that tests run against; the program never calls it.
#include <librdkafka/rdkafka_mock.h>

/// Queues a copy of a message. `ticket` comes back with its delivery report. The headers are taken
/// over when it returns no error; otherwise they stay the caller's. (rd_kafka_producev is variadic
/// and thus invisible to Swift.)
static inline rd_kafka_resp_err_t millrace_kafka_produce(
    rd_kafka_t *producer, rd_kafka_topic_t *topic, const void *key, size_t key_count,
    const void *value, size_t value_count, rd_kafka_headers_t *headers, size_t ticket) {
  return rd_kafka_producev(
      producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_count),
      RD_KAFKA_V_VALUE((void *)value, value_count), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_OPAQUE((void *)ticket), RD_KAFKA_V_END);
}

/// The ticket of a message that a delivery report is about.
static inline size_t millrace_kafka_ticket(const rd_kafka_message_t *message) {
  return (size_t)message->_private;
}
#endif
