// The scan itself, written against three things that whoever includes it provides for one kind of
// processor: `TARGET`, `classify`, `begins_sought` and `scan_name`.

/// What encloses a place: nothing but the array of the records, another array, or an object.
enum { TOP, ARRAY, OBJECT };

/// What is known from the blocks before the present one. Of masks that are carried over, bit 0 speaks
/// of the first byte of the block.
typedef struct {
  /// All bits set when the block begins inside a string.
  uint64_t in_string;
  uint64_t is_escaped;
  /// The latest byte belongs to a number or a word.
  uint64_t in_scalar;
  /// The latest token is a comma, a colon or an opening bracket.
  uint64_t after_opener;
  /// The latest token is an opening bracket.
  uint64_t after_open;
  /// The latest token is a string.
  uint64_t after_string;
  /// The latest bracket, comma or colon is a comma or an opening bracket.
  uint64_t after_lead;
  /// The block begins inside a string that holds a backslash.
  uint64_t after_backslash;
} carried;

/// The bits behind those of `mask`.
static inline TARGET uint64_t behind(uint64_t mask, uint64_t *carry) {
  uint64_t next = mask << 1 | *carry;
  *carry = mask >> 63;
  return next;
}

/// The bits behind those of `mask`, past bits of `gap` that stand in between.
static inline TARGET uint64_t following(uint64_t mask, uint64_t gap, uint64_t *carry) {
  unsigned long long sum;
  uint64_t next = mask << 1 | *carry;
  *carry = (mask >> 63) | __builtin_add_overflow(gap, (unsigned long long)next, &sum);
  return sum & ~gap;
}

/// The bits of `closing` that end strings with one of `backslashes` in them.
static inline TARGET uint64_t closing_escaped(
  uint64_t backslashes, uint64_t closing, uint64_t *carry) {
  unsigned long long sum, all;
  bool is_carried = __builtin_add_overflow(backslashes, (unsigned long long)~closing, &sum);
  is_carried |= __builtin_add_overflow(sum, (unsigned long long)*carry, &all);
  *carry = is_carried;
  return all & closing;
}

/// Notes the value at `value` as one of the record's texts.
static inline TARGET void note_text(
  const uint8_t *base, size_t count, const uint8_t *value, int text, millrace_record *record) {
  record->texts[text] = (millrace_text){0};
  const uint8_t *end;
  if (*value == '"') {
    value++;
    end = string_end(value, base + count);
  } else if (text == MILLRACE_RECORD_TYPE && *value != '{' && *value != '[') {
    // A record type is a number, or sometimes a string of its digits.
    end = value;
    while (!is_scalar_end(*end) && *end != '"') end++;
  } else {
    return;
  }
  record->texts[text] = (millrace_text){(size_t)(value - base), (size_t)(end - value)};
}

/// Notes those members of a record whose names are among the strings that begin at `opening`.
static TARGET __attribute__((noinline)) void note_members(
  const uint8_t *base, size_t count, const uint8_t *block, uint64_t opening,
  millrace_record *record) {
  for (; opening; opening &= opening - 1) {
    const uint8_t *name = block + __builtin_ctzll(opening) + 1;
    int which = sought_by_letter[name[0] & 15];
    int length = sought[which].length;
    // Names are compared as 16 bytes of which those behind the closing quote do not count.
    __m128i both = _mm_cmpeq_epi8(
      _mm_loadu_si128((const __m128i *)(const void *)name),
      _mm_load_si128((const __m128i *)(const void *)sought[which].name));
    if (~_mm_movemask_epi8(both) & ((2 << length) - 1)) continue;
    const uint8_t *value = member_value(name + length);
    if (value) note_text(base, count, value, sought[which].text, record);
  }
}

/// Whether one of the strings that `closing` ends is the name of a member.
static __attribute__((noinline)) bool has_name(const uint8_t *block, uint64_t closing) {
  for (; closing; closing &= closing - 1) {
    if (member_value(block + __builtin_ctzll(closing))) return true;
  }
  return false;
}

/// Whether nothing but white space is in `bytes..<end`.
static inline bool are_blank(const uint8_t *bytes, const uint8_t *end) {
  while (bytes < end && is_blank(*bytes)) bytes++;
  return bytes == end;
}

/// How many bytes behind a block may be looked at with it.
enum { BLOCK_SLACK = 16 };

/// Fills a block and its slack with the last bytes and white space behind them. Never inlined: the compiler would
/// keep the block in registers of 8 bytes and put each vector together from them.
static __attribute__((noinline)) void fill_last(uint8_t *last, const uint8_t *bytes, size_t count) {
  memset(last, ' ', 64 + BLOCK_SLACK);
  memcpy(last, bytes, count);
}

TARGET millrace_scan_end scan_name(
  const uint8_t *base, size_t count, size_t start, millrace_record_taker taker, void *context,
  size_t *position) {
  // The bytes begin as behind a comma.
  carried state = {.after_opener = 1, .after_lead = 1};
  utf8_state utf8 = {0};
  millrace_record record = {0};
  // What encloses the place at each depth, from 1 on.
  uint8_t enclosing[MILLRACE_SCAN_DEPTH_MAX + 2];
  int depth = 0;
  int place = TOP;
  uint8_t last[64 + BLOCK_SLACK];

  for (size_t offset = start; offset < count; offset += 64) {
    *position = offset;
    const uint8_t *block = base + offset;
    const uint8_t *bytes = block;
    if (count - offset < 64) {
      fill_last(last, block, count - offset);
      bytes = last;
    }
    masks found;
    classify(bytes, &found, &utf8);
    if (utf8.has_error) return MILLRACE_SCAN_DOUBTFUL;

    uint64_t quotes = found.quote;
    if (found.backslash | state.is_escaped) {
      uint64_t escaped = escaped_bytes(found.backslash, &state.is_escaped);
      quotes &= ~escaped;
      if (escaped & ~valid_escapes(bytes)) return MILLRACE_SCAN_DOUBTFUL;
      for (uint64_t unicode = escaped & letters_u(bytes); unicode; unicode &= unicode - 1) {
        if (!has_hexadecimal(block + __builtin_ctzll(unicode) + 1)) return MILLRACE_SCAN_DOUBTFUL;
      }
    }
    // From each opening quote up to the byte before the closing one.
    uint64_t strings = parity(quotes) ^ state.in_string;
    state.in_string = (uint64_t)((int64_t)strings >> 63);
    if (found.control) {
      if (found.control & strings) return MILLRACE_SCAN_DOUBTFUL;
      if (found.control & ~line_ends(bytes)) return MILLRACE_SCAN_DOUBTFUL;
    }

    uint64_t opening = quotes & strings;
    uint64_t closing = quotes & ~strings;
    uint64_t open = found.open & ~strings;
    uint64_t close = found.close & ~strings;
    uint64_t comma = found.comma & ~strings;
    uint64_t colon = found.colon & ~strings;
    uint64_t blank = (found.blank | found.control) & ~strings;
    uint64_t marks = open | close | comma | colon;

    uint64_t scalars = ~(strings | quotes | marks | blank);
    uint64_t scalar_starts = scalars & ~(scalars << 1 | state.in_scalar);
    state.in_scalar = scalars >> 63;
    for (uint64_t rest = scalar_starts; rest; rest &= rest - 1) {
      if (!is_scalar(block + __builtin_ctzll(rest))) return MILLRACE_SCAN_DOUBTFUL;
    }

    // A value stands behind a comma, a colon or an opening bracket and nowhere else; behind an
    // opening bracket may also stand a closing one.
    // A colon stands behind a string, and the mark before it is a comma or an opening bracket.
    uint64_t expected, empty, joined;
    if (__builtin_expect(blank == 0, 1)) {
      expected = behind(open | comma | colon, &state.after_opener);
      empty = behind(open, &state.after_open) & close;
      joined = behind(closing, &state.after_string);
    } else {
      expected = following(open | comma | colon, blank, &state.after_opener);
      empty = following(open, blank, &state.after_open) & close;
      joined = following(closing, blank, &state.after_string);
    }
    uint64_t wrong = (expected ^ (opening | scalar_starts | open | empty)) | (colon & ~joined);
    uint64_t led = following(open | comma, ~marks, &state.after_lead);
    wrong |= colon & ~led;
    // What may not be, by what encloses it: in an object, a member without a colon; in an array, a
    // colon; between records, what is no object.
    uint64_t refused[3];
    refused[TOP] = colon | opening | scalar_starts;
    refused[ARRAY] = wrong | colon;
    refused[OBJECT] = wrong | (led & ~colon & ~empty);

    // Strings that begin like a name that is looked for, and those before a colon with escapes in
    // them, which may spell anything.
    uint64_t named = begins_sought(bytes, opening);
    uint64_t spelled = 0;
    if (found.backslash | state.after_backslash) {
      uint64_t before_colon = closing & ((colon | blank) >> 1 | 1ull << 63);
      spelled = closing_escaped(found.backslash, closing, &state.after_backslash) & before_colon;
    }

    uint64_t ahead = ~0ull;
    uint64_t fault = 0;
    for (uint64_t brackets = open | close; brackets; brackets &= brackets - 1) {
      uint64_t through = brackets ^ (brackets - 1);
      uint64_t stretch = through & ahead;
      ahead &= ~through;
      fault |= refused[place] & stretch;
      if (((named | spelled) & stretch) && depth == 1) {
        if (has_name(block, spelled & stretch)) return MILLRACE_SCAN_DOUBTFUL;
        note_members(base, count, block, named & stretch, &record);
      }
      int bit = __builtin_ctzll(brackets);
      bool is_open = open >> bit & 1;
      int kind = found.brace >> bit & 1 ? OBJECT : ARRAY;
      if (depth == 0) {
        if (fault) return MILLRACE_SCAN_DOUBTFUL;
        if (is_open) {
          if (kind != OBJECT) return MILLRACE_SCAN_DOUBTFUL;
          record = (millrace_record){.start = offset + (size_t)bit};
        } else {
          // What nothing opened here may be the end of the array of the records.
          bool is_end = kind == ARRAY && are_blank(block + bit + 1, base + count);
          *position = offset + (size_t)bit;
          return is_end ? MILLRACE_SCAN_CLOSED : MILLRACE_SCAN_DOUBTFUL;
        }
      } else if (depth == MILLRACE_SCAN_DEPTH_MAX && is_open) {
        return MILLRACE_SCAN_DOUBTFUL;
      }
      // No branch depends on whether the bracket opens or closes: that is hard to predict.
      fault |= (uint64_t)(!is_open & (place != kind));
      enclosing[depth + 1] = (uint8_t)place;
      place = is_open ? kind : enclosing[depth];
      depth += is_open ? 1 : -1;
      if (depth == 0) {
        if (fault) return MILLRACE_SCAN_DOUBTFUL;
        record.end = offset + (size_t)bit + 1;
        if (!taker(context, &record)) return MILLRACE_SCAN_DOUBTFUL;
      }
    }
    if (fault | (refused[place] & ahead)) return MILLRACE_SCAN_DOUBTFUL;
    if (((named | spelled) & ahead) && depth == 1) {
      if (has_name(block, spelled & ahead)) return MILLRACE_SCAN_DOUBTFUL;
      note_members(base, count, block, named & ahead, &record);
    }
  }
  *position = count;
  bool is_between = depth == 0 && !state.in_string && !utf8.is_incomplete;
  return is_between ? MILLRACE_SCAN_OPEN : MILLRACE_SCAN_DOUBTFUL;
}
