/*
 * The peer in C of the benchmarks of dirty pages: flat bitmaps without a summary, marked by atomic ORs,
 * harvested by an exchange of every word that is not zero, the same with a summary of a bit for each line
 * of the cache, whose lines are fetched ahead, merged at a distance page by page, and ranges
 * combined by closing the smallest gap.
 *
 * Reads a command a line from the standard input and answers each with a line: a checksum and how many
 * nanoseconds of CPU time it took, or "error" and why. The work is made from the same numbers as the
 * Java side makes it from, so that the checksums can be compared.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

typedef uint64_t u64;

#define ALL (~UINT64_C(0))
#define HUGE_PAGE ((size_t)2 << 20)
#define COLD_WORDS ((size_t)8 << 20)
#define THREADS 2

static u64 page_count, word_count;
static u64 *logged, *target, *logged_before, *target_before;
static u64 *summary, summary_words; /* a bit for each 8 words of the log */
static u64 *cold;
static uint32_t *marks;
static u64 mark_count, run_length;
static int is_cold;
static volatile u64 sink;

struct range {
  u64 first, last;
  int next;
};
static struct range *ranges, *nodes;
static int range_count;

/* ---- the same numbers as in SplitMix.java ---- */

static u64 mix(u64 z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static u64 next(u64 *state) {
  *state += UINT64_C(0x9e3779b97f4a7c15);
  return mix(*state);
}

static void *allocate(size_t bytes) {
  size_t size = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
  void *memory = aligned_alloc(HUGE_PAGE, size);
  if (memory == NULL) {
    puts("error out of memory");
    exit(1);
  }
  madvise(memory, size, MADV_HUGEPAGE);
  memset(memory, 0, size);
  return memory;
}

static u64 now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (u64)time.tv_sec * 1000000000u + (u64)time.tv_nsec;
}

/* ---- the work ---- */

/* "pages" or "runs" of 512, as in Marks.java. */
static void make_marks(const char *kind, u64 count, u64 seed) {
  free(marks);
  marks = malloc((count + 1) * sizeof *marks);
  mark_count = count;
  run_length = strcmp(kind, "runs") == 0 ? 512 : 1;
  for (u64 i = 0; i < count; i++) {
    u64 page = next(&seed) & (page_count - 1);
    marks[i] = (uint32_t)(page > page_count - run_length ? page_count - run_length : page);
  }
}

static void make_words(u64 *words, const char *kind, u64 count, u64 seed) {
  memset(words, 0, word_count * sizeof *words);
  if (strcmp(kind, "dense") == 0) {
    for (u64 i = 0; i < word_count; i++) {
      u64 bits = next(&seed);
      words[i] = bits == 0 ? 1 : bits;
    }
    return;
  }
  make_marks(kind, count, seed);
  for (u64 i = 0; i < count; i++) {
    for (u64 page = marks[i]; page < marks[i] + run_length; page++) {
      words[page >> 6] |= UINT64_C(1) << (page & 63);
    }
  }
}

static void make_guest(u64 pages) {
  free(logged);
  free(target);
  free(logged_before);
  free(target_before);
  page_count = pages;
  word_count = pages / 64;
  /* The target of a merge at a distance is a word longer. */
  free(summary);
  summary_words = word_count / 512 + 1;
  summary = allocate(summary_words * 8);
  logged = allocate((word_count + 1) * 8);
  target = allocate((word_count + 1) * 8);
  logged_before = allocate((word_count + 1) * 8);
  target_before = allocate((word_count + 1) * 8);
}

static void reset(void) {
  memcpy(logged, logged_before, (word_count + 1) * 8);
  memcpy(target, target_before, (word_count + 1) * 8);
  memset(summary, 0, summary_words * 8);
  for (u64 i = 0; i < word_count; i++) {
    if (logged[i] != 0) summary[i >> 9] |= UINT64_C(1) << (i >> 3 & 63);
  }
  if (is_cold) {
    u64 sum = 0;
    for (size_t i = 0; i < COLD_WORDS; i++) sum += cold[i];
    sink += sum;
  }
}

/* ---- what is measured ---- */

static u64 sum(void) {
  u64 sum = 0;
  for (u64 i = 0; i < word_count; i++) sum += logged[i];
  return sum;
}

static u64 harvest(void) {
  u64 fresh = 0;
  for (u64 i = 0; i < word_count; i++) {
    if (logged[i] != 0) {
      u64 bits = __atomic_exchange_n(&logged[i], 0, __ATOMIC_SEQ_CST);
      u64 before = target[i];
      target[i] = before | bits;
      fresh += (u64)__builtin_popcountll(bits & ~before);
    }
  }
  return fresh;
}

static u64 harvest_summary(void) {
  u64 fresh = 0;
  for (u64 at = 0; at < summary_words; at++) {
    if (summary[at] == 0) continue;
    u64 groups = __atomic_exchange_n(&summary[at], 0, __ATOMIC_SEQ_CST);
    for (u64 left = groups; left != 0; left &= left - 1) {
      u64 first = (at << 9) + ((u64)__builtin_ctzll(left) << 3);
      __builtin_prefetch(&logged[first], 1);
      __builtin_prefetch(&target[first], 1);
    }
    for (u64 left = groups; left != 0; left &= left - 1) {
      u64 first = (at << 9) + ((u64)__builtin_ctzll(left) << 3);
      u64 end = first + 8 < word_count ? first + 8 : word_count;
      for (u64 i = first; i < end; i++) {
        if (logged[i] != 0) {
          u64 bits = __atomic_exchange_n(&logged[i], 0, __ATOMIC_SEQ_CST);
          u64 before = target[i];
          target[i] = before | bits;
          fresh += (u64)__builtin_popcountll(bits & ~before);
        }
      }
    }
  }
  return fresh;
}

static void raise_summary(u64 word) {
  u64 bit = UINT64_C(1) << (word >> 3 & 63);
  if ((__atomic_load_n(&summary[word >> 9], __ATOMIC_SEQ_CST) & bit) == 0) {
    __atomic_fetch_or(&summary[word >> 9], bit, __ATOMIC_SEQ_CST);
  }
}

static u64 merge_plain(void) {
  u64 fresh = 0;
  for (u64 i = 0; i < word_count; i++) {
    u64 bits = logged[i];
    logged[i] = 0;
    u64 before = target[i];
    target[i] = before | bits;
    fresh += (u64)__builtin_popcountll(bits & ~before);
  }
  return fresh;
}

static void mark_some(u64 from, u64 to) {
  if (run_length == 1) {
    for (u64 i = from; i < to; i++) {
      u64 page = marks[i];
      __atomic_fetch_or(&logged[page >> 6], UINT64_C(1) << (page & 63), __ATOMIC_SEQ_CST);
    }
    return;
  }
  for (u64 i = from; i < to; i++) {
    u64 first = marks[i];
    u64 last = first + run_length - 1;
    u64 word = first >> 6;
    __atomic_fetch_or(&logged[word], ALL << (first & 63), __ATOMIC_SEQ_CST);
    for (word++; word < last >> 6; word++) {
      __atomic_store_n(&logged[word], ALL, __ATOMIC_RELAXED);
    }
    __atomic_fetch_or(&logged[word], ALL >> (63 - (last & 63)), __ATOMIC_SEQ_CST);
  }
}

static u64 mark(void) {
  mark_some(0, mark_count);
  return mark_count;
}

/* Each mark raises the summary after its word. */
static u64 mark_summary(void) {
  for (u64 i = 0; i < mark_count; i++) {
    u64 last = (marks[i] + run_length - 1) >> 6;
    mark_some(i, i + 1);
    for (u64 word = marks[i] >> 6; word < last; word += 8) raise_summary(word);
    raise_summary(last);
  }
  return mark_count;
}

static u64 cycle_summary(void) {
  mark_summary();
  return harvest_summary();
}

static u64 cycle(void) {
  mark();
  return harvest();
}

/* The first page at or after this one whose bit, after "flip", is set, or page_count. */
static u64 find(u64 from, u64 flip) {
  if (from >= page_count) {
    return page_count;
  }
  u64 word = from >> 6;
  u64 bits = (logged[word] ^ flip) & (ALL << (from & 63));
  while (bits == 0) {
    if (++word == word_count) {
      return page_count;
    }
    bits = logged[word] ^ flip;
  }
  return (word << 6) + (u64)__builtin_ctzll(bits);
}

static u64 runs(void) {
  u64 checksum = 0;
  for (u64 first = find(0, 0); first < page_count;) {
    u64 end = find(first, ALL);
    checksum += first * 31 + (end - first);
    first = find(end, 0);
  }
  return checksum;
}

/* Merges three pages further on, as QEMU does when the words do not line up. */
static u64 page_by_page(void) {
  u64 fresh = 0;
  for (u64 i = 0; i < word_count; i++) {
    for (u64 bits = logged[i]; bits != 0; bits &= bits - 1) {
      u64 page = (i << 6) + (u64)__builtin_ctzll(bits) + 3;
      u64 bit = UINT64_C(1) << (page & 63);
      fresh += (__atomic_fetch_or(&target[page >> 6], bit, __ATOMIC_SEQ_CST) & bit) == 0;
    }
  }
  return fresh;
}

static u64 coalesce(void) {
  memcpy(nodes, ranges, (size_t)range_count * sizeof *nodes);
  for (int left = range_count; left > 16; left--) {
    u64 smallest = ALL;
    int closed = 0;
    for (int at = 0; nodes[at].next >= 0; at = nodes[at].next) {
      u64 gap = nodes[nodes[at].next].first - nodes[at].last;
      if (gap < smallest) {
        smallest = gap;
        closed = at;
      }
    }
    struct range *gone = &nodes[nodes[closed].next];
    nodes[closed].last = gone->last;
    nodes[closed].next = gone->next;
  }
  u64 checksum = 0;
  for (int at = 0; at >= 0; at = nodes[at].next) {
    checksum += mix(nodes[at].first ^ mix(nodes[at].last));
  }
  return checksum;
}

static void make_ranges(int count, u64 seed) {
  free(ranges);
  free(nodes);
  range_count = count;
  ranges = malloc((size_t)count * sizeof *ranges);
  nodes = malloc((size_t)count * sizeof *nodes);
  u64 at = 0;
  for (int i = 0; i < count; i++) {
    at += 1 + (next(&seed) >> 40);
    ranges[i].first = at;
    at += next(&seed) >> 40;
    ranges[i].last = at;
    ranges[i].next = i + 1 < count ? i + 1 : -1;
  }
}

/* ---- threads ---- */

struct worker {
  u64 from, to, nanos;
};
static pthread_barrier_t start;

static void *mark_in_thread(void *argument) {
  struct worker *worker = argument;
  pthread_barrier_wait(&start);
  u64 before = now();
  mark_some(worker->from, worker->to);
  worker->nanos = now() - before;
  return NULL;
}

static u64 mark_in_threads(void) {
  pthread_t threads[THREADS];
  struct worker workers[THREADS];
  u64 nanos = 0;
  pthread_barrier_init(&start, NULL, THREADS);
  for (u64 i = 0; i < THREADS; i++) {
    workers[i].from = mark_count * i / THREADS;
    workers[i].to = mark_count * (i + 1) / THREADS;
    pthread_create(&threads[i], NULL, mark_in_thread, &workers[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    nanos += workers[i].nanos;
  }
  pthread_barrier_destroy(&start);
  return nanos;
}

/* ---- commands ---- */

static u64 content_of(const u64 *words) {
  u64 checksum = 0;
  for (u64 i = 0; i <= word_count; i++) {
    if (words[i] != 0) {
      checksum += mix(words[i] ^ mix(i + 1));
    }
  }
  return checksum;
}

static void answer(u64 checksum, u64 nanos) {
  printf("%" PRId64 " %" PRIu64 "\n", (int64_t)checksum, nanos);
}

/* Prepares each time and measures only the work, or measures all together if nothing changes. */
static void play(u64 (*work)(void), int prepares, u64 times) {
  u64 nanos = 0;
  u64 checksum = 0;
  u64 all = now();
  for (u64 i = 0; i < times; i++) {
    if (prepares) {
      reset();
      u64 before = now();
      checksum = work();
      nanos += now() - before;
    } else {
      checksum = work();
    }
    sink += checksum;
  }
  answer(checksum, prepares ? nanos : now() - all);
}

static void play_in_threads(u64 times) {
  u64 nanos = 0;
  for (u64 i = 0; i < times; i++) {
    reset();
    nanos += mark_in_threads();
  }
  answer(mark_count, nanos);
}

static void obey(const char *line) {
  static const struct { const char *name; u64 (*work)(void); } works[] = {{"sum", sum}, {"harvest", harvest}, {"plain", merge_plain}, {"mark", mark}, {"harvest-summary", harvest_summary},
      {"cycle-summary", cycle_summary},
      {"cycle", cycle}, {"runs", runs}, {"pages", page_by_page}, {"coalesce", coalesce}};
  char name[20], kind[20];
  u64 a, b;
  if (sscanf(line, "guest %" SCNu64, &a) == 1) {
    make_guest(a);
  } else if (sscanf(line, "logged %15s %" SCNu64 " %" SCNu64, kind, &a, &b) == 3) {
    make_words(logged_before, kind, a, b);
  } else if (sscanf(line, "target %15s %" SCNu64 " %" SCNu64, kind, &a, &b) == 3) {
    make_words(target_before, kind, a, b);
  } else if (sscanf(line, "marks %15s %" SCNu64 " %" SCNu64, kind, &a, &b) == 3) {
    make_marks(kind, a, b);
  } else if (sscanf(line, "ranges %" SCNu64 " %" SCNu64, &a, &b) == 2) {
    make_ranges((int)a, b);
  } else if (sscanf(line, "cold %" SCNu64, &a) == 1) {
    is_cold = (int)a;
  } else if (strncmp(line, "reset", 5) == 0) {
    reset();
  } else if (strncmp(line, "content", 7) == 0) {
    answer(content_of(logged) + 3 * content_of(target), 0);
    return;
  } else if (sscanf(line, "play prepared threads %" SCNu64, &a) == 1) {
    play_in_threads(a);
    return;
  } else if (sscanf(line, "play %15s %19s %" SCNu64, kind, name, &a) == 3) {
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
      if (strcmp(name, works[i].name) == 0) {
        play(works[i].work, strcmp(kind, "prepared") == 0, a);
        return;
      }
    }
    printf("error no work %s\n", name);
    return;
  } else {
    printf("error not understood: %s", line);
    return;
  }
  answer(0, 0);
}

int main(void) {
  char line[128];
  setvbuf(stdout, NULL, _IOLBF, 0);
  cold = allocate(COLD_WORDS * sizeof *cold);
  make_guest(64);
  while (fgets(line, sizeof line, stdin) != NULL) {
    obey(line);
  }
  return 0;
}
