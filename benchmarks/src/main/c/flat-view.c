/*
 * A guest's memory rendered the plain way that the rules describe: the tree is walked in the order of
 * precedence, each region fills the gaps that those before it left in a sorted array, neighbours that
 * continue each other are joined, and a listener is told of what went and what came. Every change renders
 * all. It is the peer of the flat views in Java, with the same memory as ManyRegions makes: RAM in two
 * windows, and BARs with an MSI-X table and a PBA over them.
 *
 * Commands, each answered by "CHECKSUM NANOSECONDS": "regions LEAVES" builds the tree; "play move TIMES"
 * moves a BAR and "play all TIMES" makes all read-only or writable again, both answer the callbacks of the
 * last time; "content" answers how many ranges there are.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint64_t u64;
typedef __int128 s128;

#define BAR_SIZE UINT64_C(0x8000)
#define FIRST_BAR (UINT64_C(1) << 44)
#define GIB (UINT64_C(1) << 30)
#define WHOLE ((s128)1 << 64)

struct region {
  s128 size;
  u64 address;
  u64 window_offset;
  struct region *target, *first, *next;
  int priority;
  char enabled, terminates, readonly, nonvolatile;
};

struct range {
  struct region *region;
  u64 offset;
  s128 start, end;
  char readonly, nonvolatile, romd;
  unsigned char log_mask;
};

struct view {
  struct range *ranges;
  int count, room;
};

struct section {
  struct region *region;
  u64 offset, address;
  s128 size;
  char readonly, nonvolatile;
};

struct listener {
  void (*add)(struct listener *, const struct section *);
  void (*del)(struct listener *, const struct section *);
  u64 calls;
};

static struct region *root, *bus, *moving;
static struct view *current;
static struct listener counter;

static u64 now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (u64)time.tv_sec * 1000000000 + (u64)time.tv_nsec;
}

static struct region *made(s128 size, int terminates) {
  struct region *region = calloc(1, sizeof *region);
  region->size = size;
  region->enabled = 1;
  region->terminates = (char)terminates;
  return region;
}

/* Before the first whose priority is not above its own. */
static void add(struct region *container, u64 address, struct region *region, int priority) {
  struct region **at = &container->first;
  region->address = address;
  region->priority = priority;
  while (*at != NULL && (*at)->priority > priority) at = &(*at)->next;
  region->next = *at;
  *at = region;
}

static void remove_region(struct region *container, struct region *region) {
  struct region **at = &container->first;
  while (*at != region) at = &(*at)->next;
  *at = region->next;
}

static void insert(struct view *view, int at, struct range range) {
  if (view->count == view->room) {
    view->room = view->room == 0 ? 16 : 2 * view->room;
    view->ranges = realloc(view->ranges, (size_t)view->room * sizeof range);
  }
  memmove(view->ranges + at + 1, view->ranges + at, (size_t)(view->count - at) * sizeof range);
  view->ranges[at] = range;
  view->count++;
}

static void fill(struct view *view, struct region *region, s128 base, s128 start, s128 end, int readonly,
                 int nonvolatile) {
  struct range piece = {region, 0, 0, 0, (char)readonly, (char)nonvolatile, 1, 0};
  int at = 0;
  for (; at < view->count && start < end; at++) {
    struct range *there = view->ranges + at;
    if (there->end <= start) continue;
    if (start < there->start) {
      s128 gap = there->start < end ? there->start : end;
      s128 next = there->end;
      piece.start = start;
      piece.end = gap;
      piece.offset = (u64)(start - base);
      insert(view, at, piece);
      at++;
      start = gap < end ? next : end;
    } else {
      start = there->end;
    }
  }
  if (start < end) {
    piece.start = start;
    piece.end = end;
    piece.offset = (u64)(start - base);
    insert(view, at, piece);
  }
}

static void render(struct view *view, struct region *region, s128 base, s128 start, s128 end, int readonly,
                   int nonvolatile) {
  if (!region->enabled) return;
  base += region->address;
  readonly |= region->readonly;
  nonvolatile |= region->nonvolatile;
  if (start < base) start = base;
  if (end > base + region->size) end = base + region->size;
  if (start >= end) return;
  if (region->target != NULL) {
    base -= (s128)region->target->address + region->window_offset;
    render(view, region->target, base, start, end, readonly, nonvolatile);
    return;
  }
  for (struct region *below = region->first; below != NULL; below = below->next)
    render(view, below, base, start, end, readonly, nonvolatile);
  if (region->terminates) fill(view, region, base, start, end, readonly, nonvolatile);
}

static void join(struct view *view) {
  int joined = 0;
  for (int i = 1; i < view->count; i++) {
    struct range *last = view->ranges + joined, *next = view->ranges + i;
    if (last->region == next->region && last->end == next->start &&
        (s128)last->offset + (last->end - last->start) == next->offset && last->log_mask == next->log_mask &&
        last->romd == next->romd && last->readonly == next->readonly && last->nonvolatile == next->nonvolatile)
      last->end = next->end;
    else
      view->ranges[++joined] = *next;
  }
  if (view->count > 0) view->count = joined + 1;
}

static int equal(const struct range *a, const struct range *b) {
  return a->region == b->region && a->start == b->start && a->end == b->end && a->offset == b->offset &&
         a->romd == b->romd && a->readonly == b->readonly && a->nonvolatile == b->nonvolatile;
}

static void tell(void (*callback)(struct listener *, const struct section *), const struct range *range) {
  struct section section = {range->region,   range->offset,      (u64)range->start, range->end - range->start,
                            range->readonly, range->nonvolatile};
  callback(&counter, &section);
}

static void compare(const struct view *before, const struct view *after, int adding) {
  int old = 0, new = 0;
  while (old < before->count || new < after->count) {
    const struct range *was = old < before->count ? before->ranges + old : NULL;
    const struct range *is = new < after->count ? after->ranges + new : NULL;
    if (was != NULL && is != NULL && equal(was, is)) {
      old++;
      new++;
    } else if (was != NULL && (is == NULL || was->start <= is->start)) {
      if (!adding) tell(counter.del, was);
      old++;
    } else {
      if (adding) tell(counter.add, is);
      new++;
    }
  }
}

static void commit(void) {
  struct view *after = calloc(1, sizeof *after);
  render(after, root, 0, 0, WHOLE, 0, 0);
  join(after);
  compare(current, after, 0);
  compare(current, after, 1);
  free(current->ranges);
  free(current);
  current = after;
}

static void count_section(struct listener *listener, const struct section *section) {
  listener->calls += section->region != NULL;
}

static struct region *bar(void) {
  struct region *bar = made(BAR_SIZE, 0);
  add(bar, 0, made(BAR_SIZE, 1), 0);
  add(bar, 0x2000, made(0x1000, 1), 1);
  add(bar, 0x3000, made(0x800, 1), 1);
  return bar;
}

static void window(u64 address, struct region *target, u64 offset, u64 size) {
  struct region *window = made(size, 0);
  window->target = target;
  window->window_offset = offset;
  add(root, address, window, 0);
}

/* The tree before is let go of: a process builds a handful of them. */
static void build(u64 leaves) {
  struct region *ram = made(1024 * (s128)GIB, 1);
  root = made(WHOLE, 0);
  bus = made(WHOLE, 0);
  moving = bar();
  window(0, ram, 0, 2 * GIB);
  window(4 * GIB, ram, 2 * GIB, 1022 * GIB);
  add(root, 0, bus, -1);
  for (u64 i = 1; i < leaves / 4; i++) add(bus, FIRST_BAR + 2 * i * BAR_SIZE, bar(), 0);
  add(bus, FIRST_BAR, moving, 0);
  counter = (struct listener){count_section, count_section, 0};
  current = calloc(1, sizeof *current);
  commit();
}

static void move_bar(void) {
  u64 address = moving->address == FIRST_BAR ? FIRST_BAR - 4 * BAR_SIZE : FIRST_BAR;
  remove_region(bus, moving);
  add(bus, address, moving, 0);
  commit();
}

static void change_all(void) {
  root->readonly = !root->readonly;
  commit();
}

static void answer(u64 checksum, u64 nanos) { printf("%" PRIu64 " %" PRIu64 "\n", checksum, nanos); }

static void play(const char *name, u64 times) {
  u64 told = 0, before = now();
  for (u64 i = 0; i < times; i++) {
    u64 calls = counter.calls;
    if (*name == 'm') move_bar();
    else change_all();
    told = counter.calls - calls;
  }
  answer(told, now() - before);
}

int main(void) {
  static char line[64];
  char name[16];
  u64 number;
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "regions %" SCNu64, &number) == 1) {
      build(number);
      answer(0, 0);
    } else if (sscanf(line, "play %15s %" SCNu64, name, &number) == 2) {
      play(name, number);
    } else if (strncmp(line, "content", 7) == 0) {
      answer((u64)current->count, 0);
    } else {
      printf("error not understood: %s", line);
    }
  }
  return 0;
}
