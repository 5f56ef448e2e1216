/*
 * The peer in C of the benchmarks of I/O virtual addresses: a balanced tree (AVL) as GLib's GTree is, with
 * a comparison that is called, and a key and a value that are allocated for each mapping.
 *
 * Reads a command a line and answers each with a line: a checksum and how many nanoseconds of CPU time it
 * took, or "error" and why. The addresses are made from the same numbers as the Java side makes them from.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint64_t u64;

struct range {
  u64 first, last;
};
struct mapping {
  u64 target, access;
};
struct node {
  void *key, *value;
  struct node *left, *right;
  int height;
};
typedef int (*compare_fn)(const void *, const void *);

static struct node *root;
static compare_fn volatile compare;
static u64 *firsts, *order, count;

static u64 mix(u64 z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* A permutation of the numbers of so many bits, as in Addresses.java. */
static u64 scramble(u64 number, int bits) {
  u64 mask = (UINT64_C(1) << bits) - 1;
  for (int round = 0; round < 3; round++) {
    number = number * UINT64_C(0x9e3779b97f4a7c15) & mask;
    number ^= number >> bits / 2;
  }
  return number;
}

static void make(const char *kind, int bits) {
  count = UINT64_C(1) << bits;
  free(firsts);
  firsts = malloc(2 * count * sizeof *firsts);
  order = firsts + count;
  for (u64 i = 0; i < count; i++) {
    u64 page = strcmp(kind, "sequential") == 0 ? i : scramble(i, bits + 4);
    firsts[i] = page << (strcmp(kind, "wide") == 0 ? 21 : 12);
  }
  for (u64 i = 0; i < count; i++) order[i] = firsts[scramble(i, bits)];
}

static u64 now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (u64)time.tv_sec * 1000000000u + (u64)time.tv_nsec;
}

/* Ranges that overlap are equal, so that a lookup finds what holds an address. */
static int compare_ranges(const void *a, const void *b) {
  const struct range *one = a, *other = b;
  if (one->last < other->first) return -1;
  return one->first > other->last;
}

static int height(const struct node *node) { return node == NULL ? 0 : node->height; }

static struct node *fixed(struct node *node) {
  int left = height(node->left), right = height(node->right);
  node->height = 1 + (left > right ? left : right);
  return node;
}

static struct node *rotate_right(struct node *node) {
  struct node *up = node->left;
  node->left = up->right;
  up->right = fixed(node);
  return fixed(up);
}

static struct node *rotate_left(struct node *node) {
  struct node *up = node->right;
  node->right = up->left;
  up->left = fixed(node);
  return fixed(up);
}

static struct node *balanced(struct node *node) {
  int lean = height(node->left) - height(node->right);
  if (lean > 1) {
    if (height(node->left->left) < height(node->left->right)) node->left = rotate_left(node->left);
    return rotate_right(node);
  }
  if (lean < -1) {
    if (height(node->right->right) < height(node->right->left)) node->right = rotate_right(node->right);
    return rotate_left(node);
  }
  return fixed(node);
}

static struct node *insert(struct node *node, struct range *key, struct mapping *value) {
  if (node == NULL) {
    node = malloc(sizeof *node);
    *node = (struct node){key, value, NULL, NULL, 1};
    return node;
  }
  if (compare(key, node->key) < 0) {
    node->left = insert(node->left, key, value);
  } else {
    node->right = insert(node->right, key, value);
  }
  return balanced(node);
}

static struct node *without_first(struct node *node, struct node **first) {
  if (node->left == NULL) {
    *first = node;
    return node->right;
  }
  node->left = without_first(node->left, first);
  return balanced(node);
}

static struct node *delete(struct node *node, const struct range *key) {
  if (node == NULL) return NULL;
  int side = compare(key, node->key);
  if (side < 0) {
    node->left = delete(node->left, key);
  } else if (side > 0) {
    node->right = delete(node->right, key);
  } else {
    struct node *left = node->left, *right = node->right, *next;
    free(node->key);
    free(node->value);
    free(node);
    if (right == NULL) return left;
    right = without_first(right, &next);
    next->left = left;
    next->right = right;
    return balanced(next);
  }
  return balanced(node);
}

static struct mapping *lookup(const struct range *key) {
  for (struct node *node = root; node != NULL;) {
    int side = compare(key, node->key);
    if (side == 0) return node->value;
    node = side < 0 ? node->left : node->right;
  }
  return NULL;
}

static void clear(struct node *node) {
  if (node == NULL) return;
  clear(node->left);
  clear(node->right);
  free(node->key);
  free(node->value);
  free(node);
}

static u64 map_all(void) {
  for (u64 i = 0; i < count; i++) {
    struct range wanted = {firsts[i], firsts[i] + 4095};
    if (lookup(&wanted) != NULL) continue;
    struct range *key = malloc(sizeof *key);
    struct mapping *value = malloc(sizeof *value);
    *key = wanted;
    *value = (struct mapping){mix(firsts[i]) & ~UINT64_C(4095), 3};
    root = insert(root, key, value);
  }
  return count;
}

static u64 lookup_all(void) {
  u64 sum = 0;
  for (u64 i = 0; i < count; i++) {
    struct range wanted = {order[i], order[i]};
    struct mapping *found = lookup(&wanted);
    sum += found == NULL ? 0 : found->target;
  }
  return sum;
}

static u64 unmap_all(void) {
  for (u64 i = 0; i < count; i++) {
    struct range wanted = {order[i], order[i] + 4095};
    root = delete(root, &wanted);
  }
  return count;
}

static void answer(u64 checksum, u64 nanos) { printf("%" PRId64 " %" PRIu64 "\n", (int64_t)checksum, nanos); }

static void prepare(int full) {
  clear(root);
  root = NULL;
  if (full) map_all();
}

static void play(const char *name, u64 times) {
  u64 nanos = 0, checksum = 0;
  if (strcmp(name, "lookup") == 0 && root == NULL) prepare(1);
  for (u64 i = 0; i < times; i++) {
    if (strcmp(name, "map") == 0) prepare(0);
    if (strcmp(name, "unmap") == 0) prepare(1);
    u64 before = now();
    checksum = *name == 'm' ? map_all() : *name == 'l' ? lookup_all() : unmap_all();
    nanos += now() - before;
  }
  answer(checksum, nanos);
}

int main(void) {
  static char line[64];
  char name[16];
  u64 number;
  setvbuf(stdout, NULL, _IOLBF, 0);
  compare = compare_ranges;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "addresses %15s %" SCNu64, name, &number) == 2) {
      prepare(0);
      make(name, (int)number);
      answer(0, 0);
    } else if (sscanf(line, "play %15s %" SCNu64, name, &number) == 2) {
      play(name, number);
    } else if (strncmp(line, "content", 7) == 0) {
      answer(root == NULL ? 0 : 1, 0);
    } else {
      printf("error not understood: %s", line);
    }
  }
  return 0;
}
