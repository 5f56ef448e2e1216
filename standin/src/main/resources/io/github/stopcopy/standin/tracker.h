/*
 * The half of vfio.c (included there) by which devices really write.  With tracker=PATH in [container], the first device
 * that is opened connects twice to the Unix socket PATH, where TrackerServer listens:
 *
 *   T_TRACK    DMA_LOGGING_START, REPORT and STOP are asked there, and each write of a device is told (T_WROTE), which
 *              has no answer: what is asked later is answered later, so no report can overtake a write.
 *   T_CONTROL  takes T_WRITE: a device writes a pattern through its current mapping into the memory of the VMM.  A thread
 *              of the stand-in carries it out and answers.
 *
 * A message is a struct tracker_message, an answer a struct tracker_answer, both little-endian.  After T_START come
 * count ranges (iova, length); after T_REPORT, and after its answer if that has no error, come answer.value bytes, whole
 * words of the bitmap: what the caller had set goes there too, as a driver ORs into the caller's own bitmap.
 *
 * A write is carried out and told, a report asked and answered, and a state entered, each under the one lock: a write is
 * before a report or behind it, and none is left when a device has stopped.  Whoever does not answer within
 * tracker_timeout_ms, goes away or answers nonsense is dead from then on, and all that needs it is EIO.
 */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { T_TRACK = 1, T_CONTROL, T_START, T_REPORT, T_STOP, T_WROTE, T_WRITE };

struct tracker_message {
    uint32_t op, count;
    uint64_t a, b, c;             /* START: page size; REPORT: iova, length, page size; WROTE, WRITE: iova, length, seed */
    char device[64];
};

struct tracker_answer {
    uint32_t error, reserved;
    uint64_t value;               /* START: page size granted; REPORT: bytes that follow */
};

/* a report is handed over in windows of as many pages as the kernel's (R-DT-44) */
#define WINDOW_PAGES_SHIFT 24

static int track_fd = -1, control_fd = -1;
static bool tracker_tried;

static int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Sends or receives all of it until the deadline (-1: none); false if that cannot be. */
static bool transfer(int fd, void *buf, size_t n, bool out, int64_t deadline)
{
    char *p = buf;

    while (n) {
        ssize_t k = out ? send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT) : recv(fd, p, n, MSG_DONTWAIT);
        struct pollfd wait = { .fd = fd, .events = out ? POLLOUT : POLLIN };
        int64_t left = deadline < 0 ? -1 : deadline - now_ms();

        if (k > 0) {
            p += k;
            n -= k;
        } else if (!k || (errno != EAGAIN && errno != EINTR)) {
            return false;
        } else if (deadline >= 0 && left <= 0) {
            return false;
        } else if (errno == EAGAIN) {
            poll(&wait, 1, (int)left);
        }
    }
    return true;
}

static int tracker_died(const char *where)
{
    if (track_fd >= 0) {
        emit("\"ev\":\"tracker_died\",\"at\":\"%s\"", where);
        real_close(track_fd);
        track_fd = -1;
    }
    return EIO;
}

static int connect_tracker(uint32_t role)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    struct tracker_message hello = { .op = role };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), high;

    if (fd < 0) {
        return -1;
    }
    high = fcntl(fd, F_DUPFD_CLOEXEC, 1000);   /* out of the way of the VMM's own */
    if (high >= 0) {
        real_close(fd);
        fd = high;
    }
    snprintf(to.sun_path, sizeof(to.sun_path), "%s", cc.tracker);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
        !transfer(fd, &hello, sizeof(hello), true, now_ms() + cc.tracker_timeout_ms)) {
        real_close(fd);
        return -1;
    }
    return fd;
}

/* ------------------------------------------------------------------------ */
/* What a device writes                                                     */
/* ------------------------------------------------------------------------ */

/* The mappings of a device now; NULL if it has none. */
static struct mapping *mappings_of(struct object *d, size_t *count)
{
    struct object **group = d->cdev ? NULL : group_slot(d->dc->group);

    if (d->cdev) {
        return cdev_mappings(d, count);
    }
    if (!group || !*group || !(*group)->container) {
        return NULL;
    }
    *count = (*group)->container->nmap;
    return (*group)->container->map;
}

static struct mapping *mapping_at(struct mapping *map, size_t count, uint64_t iova)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (map[i].iova <= iova && iova - map[i].iova < map[i].size) {
            return map[i].writable && map[i].vaddr ? &map[i] : NULL;
        }
    }
    return NULL;
}

static uint64_t scramble(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

/* The pattern: eight bytes from each multiple of 8, which follow from it and the seed. */
static uint64_t pattern(uint64_t seed, uint64_t iova)
{
    return scramble(seed + (iova >> 3) * 0x9e3779b97f4a7c15ull);
}

static void put_pattern(uint8_t *to, uint64_t iova, uint64_t n, uint64_t seed)
{
    uint64_t i = 0, word;

    while (i < n) {
        if (!((iova + i) & 7) && n - i >= 8) {
            word = pattern(seed, iova + i);
            memcpy(to + i, &word, 8);
            i += 8;
        } else {
            to[i] = pattern(seed, iova + i) >> (8 * ((iova + i) & 7));
            i++;
        }
    }
}

static bool may_write(uint32_t state)
{
    return state == VFIO_DEVICE_STATE_RUNNING || state == VFIO_DEVICE_STATE_RUNNING_P2P ||
           state == VFIO_DEVICE_STATE_PRE_COPY || state == VFIO_DEVICE_STATE_PRE_COPY_P2P;
}

/* Returns an errno; all of it is written or nothing. */
static int dma_write(struct tracker_message *m)
{
    struct object *d = NULL;
    struct mapping *map, *one;
    size_t count = 0;
    uint64_t at, n, last = m->a + m->b - 1;
    int i;

    m->device[sizeof(m->device) - 1] = 0;
    for (i = 0; i < ndevs; i++) {
        if (device_obj[i] && !strcmp(devs[i].name, m->device)) {
            d = device_obj[i];
        }
    }
    if (!d) {
        return ENODEV;
    }
    if (!m->b || last < m->a) {
        return EINVAL;
    }
    if (!may_write(d->state)) {
        return EBUSY;
    }
    map = mappings_of(d, &count);
    for (at = m->a; ; at += n) {               /* first: is all of it mapped? */
        one = mapping_at(map, count, at);
        if (!one) {
            return EFAULT;
        }
        n = one->size - (at - one->iova);
        if (last - at < n) {
            break;
        }
    }
    for (at = m->a; ; at += n) {
        one = mapping_at(map, count, at);
        n = one->size - (at - one->iova);
        if (last - at < n) {
            n = last - at + 1;
        }
        put_pattern((uint8_t *)(uintptr_t)(one->vaddr + (at - one->iova)), at, n, m->c);
        if (at + (n - 1) == last) {
            break;
        }
    }
    /* The bytes are there; only now the tracker is told. */
    m->op = T_WROTE;
    m->count = 0;
    if (track_fd < 0 || !transfer(track_fd, m, sizeof(*m), true, now_ms() + cc.tracker_timeout_ms)) {
        return tracker_died("wrote");
    }
    return 0;
}

static void *control(void *nothing)
{
    struct tracker_message m;
    struct tracker_answer a;

    while (transfer(control_fd, &m, sizeof(m), false, -1) && m.op == T_WRITE) {
        memset(&a, 0, sizeof(a));
        pthread_mutex_lock(&lock);
        a.error = dma_write(&m);
        pthread_mutex_unlock(&lock);
        if (!transfer(control_fd, &a, sizeof(a), true, now_ms() + cc.tracker_timeout_ms)) {
            break;
        }
    }
    real_close(control_fd);
    return nothing;
}

static void lock_it(void) { pthread_mutex_lock(&lock); }
static void unlock_it(void) { pthread_mutex_unlock(&lock); }

/* Connects when the first device is opened; does nothing without tracker=. */
static void tracker_open(void)
{
    sigset_t all, before;
    pthread_t thread;

    if (!cc.tracker[0] || tracker_tried) {
        return;
    }
    tracker_tried = true;
    track_fd = connect_tracker(T_TRACK);
    control_fd = connect_tracker(T_CONTROL);
    if (track_fd < 0 || control_fd < 0) {
        fprintf(stderr, "stopcopy-standin: cannot connect to %s\n", cc.tracker);
        return;
    }
    pthread_atfork(lock_it, unlock_it, unlock_it);   /* a child closes files, which takes the lock */
    sigfillset(&all);                          /* the VMM's signals are none of the thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!pthread_create(&thread, NULL, control, NULL)) {
        pthread_detach(thread);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ------------------------------------------------------------------------ */
/* What the tracker is asked                                                */
/* ------------------------------------------------------------------------ */

/* Sends a message with what follows it, receives the answer; returns its errno. */
static int ask_tracker(struct object *d, struct tracker_message *m, void *with, size_t n, struct tracker_answer *a)
{
    int64_t deadline = now_ms() + cc.tracker_timeout_ms;

    snprintf(m->device, sizeof(m->device), "%s", d->dc->name);
    if (track_fd < 0) {
        return EIO;
    }
    if (!transfer(track_fd, m, sizeof(*m), true, deadline) || !transfer(track_fd, with, n, true, deadline) ||
        !transfer(track_fd, a, sizeof(*a), false, deadline) || a->error > 4095) {
        return tracker_died("ask");
    }
    return a->error;
}

static int tracker_start(struct object *d, struct vfio_device_feature_dma_logging_control *c)
{
    struct tracker_message m = { .op = T_START, .count = c->num_ranges, .a = c->page_size };
    struct tracker_answer a;
    int e = ask_tracker(d, &m, (void *)(uintptr_t)c->ranges,
                        c->num_ranges * sizeof(struct vfio_device_feature_dma_logging_range), &a);

    if (!e) {
        c->page_size = a.value;                /* R-DT-43 */
    }
    return e;
}

static int tracker_report(struct object *d, struct vfio_device_feature_dma_logging_report *r)
{
    uint64_t window = r->page_size >> 39 ? r->length : r->page_size << WINDOW_PAGES_SHIFT;
    uint64_t done, part;

    for (done = 0; done < r->length; done += part) {
        struct tracker_message m = { .op = T_REPORT, .a = r->iova + done, .c = r->page_size };
        struct tracker_answer a;
        char *bits = (char *)(uintptr_t)r->bitmap + done / r->page_size / 8;
        uint64_t pages, bytes;
        int e;

        part = r->length - done < window ? r->length - done : window;
        pages = part / r->page_size + (part % r->page_size != 0);
        bytes = (pages + 63) / 64 * 8;
        m.b = part;
        e = ask_tracker(d, &m, bits, bytes, &a);
        if (e) {
            return e;
        }
        if (a.value != bytes || !transfer(track_fd, bits, bytes, false, now_ms() + cc.tracker_timeout_ms)) {
            return tracker_died("report");
        }
    }
    return 0;
}

static int tracker_stop(struct object *d)
{
    struct tracker_message m = { .op = T_STOP };
    struct tracker_answer a;

    return ask_tracker(d, &m, NULL, 0, &a);
}
