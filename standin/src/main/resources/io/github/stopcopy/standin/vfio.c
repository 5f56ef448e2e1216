/*
 * A user-space stand-in for the kernel side of VFIO (type1 container
 * + one or more PCI devices), loaded into a user-space VMM with LD_PRELOAD.
 *
 * The VMM believes that /dev/vfio/vfio, /dev/vfio/<group> and the devices of
 * these groups exist.  Nothing is ever DMA-mapped: the shim only keeps the
 * books that the kernel would keep (mappings, IOVA windows, DMA entry limit,
 * device migration state, dirty tracking state), answers as the uAPI in
 * <linux/vfio.h> specifies, and writes ONE JSON LINE PER EVENT to a log file.
 * Devices write into the VMM's memory only what a tracker server tells them to
 * (tracker.h).
 *
 * Environment
 *   STOPCOPY_STANDIN_CONF  configuration file (see below); without it the stand-in is inert
 *   STOPCOPY_STANDIN_LOG   JSON-lines event log (appended to); default: no log
 *
 * Configuration file: "[container]" and "[device NAME]" sections of key=value.
 * Sizes are C integers (0x.. or decimal).  '#' starts a comment line.
 *
 *   [container]
 *   pgsizes=0xfffffffffffff000        VFIO_IOMMU_INFO_PGSIZES bitmap
 *   iova_ranges=0-0xfedfffff,0xfef00000-0xffffffffff   usable IOVA windows
 *                                     (empty: capability absent, no check)
 *   dirty_pages=1                     container (type1) dirty tracking capability
 *   dirty_pgsizes=0x1000              its pgsize_bitmap
 *   max_dirty_bitmap_size=0x10000000  its max_dirty_bitmap_size
 *   dirty_start_errno=0               errno of DIRTY_PAGES_FLAG_START (0: works)
 *   dirty_get_errno=0                 errno of DIRTY_PAGES_FLAG_GET_BITMAP
 *   dma_avail=65535                   number of free DMA entries
 *   dma_avail_cap=1                   expose the DMA_AVAIL capability
 *   tracker=PATH                      Unix socket of a TrackerServer, which then answers DMA_LOGGING_START, REPORT and
 *                                     STOP of all devices and tells them what to write (see tracker.h)
 *   tracker_timeout_ms=10000          how long it may take for an answer
 *   share=1                           0: SET_CONTAINER of a 2nd group on one
 *                                     container fails (forces more containers)
 *
 *   for devices with iommufd= (device N of this file is /dev/vfio/devices/vfioN, char device 510:N;
 *   the driver must make SYSFSDEV/vfio-dev/vfioN/dev with that number):
 *   iommu_dirty=0                     the host IOMMU tracks dirty pages (IOMMU_HW_CAP_DIRTY_TRACKING)
 *   iommu_hw=vtd|none                 kind of host IOMMU in IOMMU_GET_HW_INFO
 *   vtd_cap=.. vtd_ecap=..            its registers
 *   hwpt_alloc_errno=0                errno of IOMMU_HWPT_ALLOC
 *   iommu_dirty_start_errno=0         errno of IOMMU_HWPT_SET_DIRTY_TRACKING (enable)
 *   iommu_dirty_get_errno=0           errno of IOMMU_HWPT_GET_DIRTY_BITMAP
 *
 *   [device 0000:01:00.0]
 *   dma_buf=0                         VFIO_DEVICE_FEATURE_DMA_BUF supported (newer kernels; QEMU 11.1 warns without)
 *   group=1                           group number (as in the iommu_group link)
 *   migration=none|0x7                migration flags: 1 STOP_COPY, 2 P2P,
 *                                     4 PRE_COPY; "none": ENOTTY
 *   migration_errno=0                 errno of the MIGRATION query, if != 0
 *   dma_logging=1                     device DMA logging supported
 *   dma_logging_start_errno=0         errno of DMA_LOGGING_START (0: works)
 *   dma_logging_stop_errno=0
 *   dma_logging_report_errno=0
 *   dma_logging_max_ranges=0          more ranges than this -> limit_errno (0: any)
 *   dma_logging_max_length=0          larger sum of lengths -> limit_errno (0: any)
 *   limit_errno=95
 *   dirty_every=0                     report sets 1 bit in every N pages (0: none)
 *   set_state_fail=STATE:ERRNO        VFIO_DEVICE_STATE number that cannot be entered; repeatable
 *   stop_copy_bytes=4096              size of the stop-copy data
 *   precopy_bytes=8192                size of the pre-copy data
 *   vendor=0x15b3 device=0x101e class=0x020000 pin=0
 *   bar0=0x1000 mem32|mem64|io [pref] [mmap]     (bar0..bar5)
 *   msix=0                            number of MSI-X vectors (0: no capability)
 *   msix_bar=0 msix_off=0             where the table is; the PBA follows at +0x800
 *
 * Build: cc -O2 -Wall -Wextra -shared -fPIC -o standin.so vfio.c -ldl -lpthread
 * Needs the kernel headers of Linux 5.12 or newer; what came later is defined below, with the
 * values of the kernel's uAPI.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Linux 5.18: VFIO migration, second version */
#ifndef VFIO_DEVICE_FEATURE_MIGRATION
#define VFIO_DEVICE_FEATURE_MIGRATION 1
#define VFIO_MIGRATION_STOP_COPY (1 << 0)
#define VFIO_MIGRATION_P2P (1 << 1)
struct vfio_device_feature_migration { __aligned_u64 flags; };
#define VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE 2
struct vfio_device_feature_mig_state { __u32 device_state; __s32 data_fd; };
#ifdef VFIO_DEVICE_STATE_STOP              /* flags of the first version */
#undef VFIO_DEVICE_STATE_STOP
#undef VFIO_DEVICE_STATE_RUNNING
#undef VFIO_DEVICE_STATE_RESUMING
#endif
enum {
    VFIO_DEVICE_STATE_ERROR = 0,
    VFIO_DEVICE_STATE_STOP = 1,
    VFIO_DEVICE_STATE_RUNNING = 2,
    VFIO_DEVICE_STATE_STOP_COPY = 3,
    VFIO_DEVICE_STATE_RESUMING = 4,
    VFIO_DEVICE_STATE_RUNNING_P2P = 5,
};
#endif
/* Linux 6.1: logging of a device's writes */
#ifndef VFIO_DEVICE_FEATURE_DMA_LOGGING_START
#define VFIO_DEVICE_FEATURE_DMA_LOGGING_START 6
#define VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP 7
#define VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT 8
struct vfio_device_feature_dma_logging_control {
    __aligned_u64 page_size;
    __u32 num_ranges;
    __u32 __reserved;
    __aligned_u64 ranges;
};
struct vfio_device_feature_dma_logging_range { __aligned_u64 iova, length; };
struct vfio_device_feature_dma_logging_report { __aligned_u64 iova, length, page_size, bitmap; };
#endif
/* Linux 6.2 */
#ifndef VFIO_MIGRATION_PRE_COPY
#define VFIO_MIGRATION_PRE_COPY (1 << 2)
#define VFIO_DEVICE_STATE_PRE_COPY 6
#define VFIO_DEVICE_STATE_PRE_COPY_P2P 7
#define VFIO_MIG_GET_PRECOPY_INFO _IO(VFIO_TYPE, VFIO_BASE + 21)
struct vfio_precopy_info { __u32 argsz, flags; __aligned_u64 initial_bytes, dirty_bytes; };
#endif
#ifndef VFIO_DEVICE_FEATURE_MIG_DATA_SIZE
#define VFIO_DEVICE_FEATURE_MIG_DATA_SIZE 9
struct vfio_device_feature_mig_data_size { __aligned_u64 stop_copy_length; };
#endif
/* Linux 5.10 */
#ifndef VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL
#define VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL 3
struct vfio_iommu_type1_info_dma_avail {
    struct vfio_info_cap_header header;
    __u32 avail;
};
#endif

/* ------------------------------------------------------------------------ */
/* Objects                                                                  */
/* ------------------------------------------------------------------------ */

#define MAX_FD      65536
#define MAX_DEVICES 64
#define MAX_WINDOWS 32
#define NUM_BARS    6
/* Region layout inside the device fd: 1 TiB of offset space per region, as
 * vfio-pci does with its index << 40. */
#define REGION_SHIFT 40
#define REGION_OFF(i) ((uint64_t)(i) << REGION_SHIFT)
#define CONFIG_SIZE 256

enum kind { K_NONE, K_CONTAINER, K_GROUP, K_DEVICE, K_DATA, K_KVMDEV, K_IOMMUFD };

struct window { uint64_t start, last; };

struct conf_container {
    uint64_t pgsizes;
    struct window win[MAX_WINDOWS];
    int nwin;
    bool dirty_pages;
    uint64_t dirty_pgsizes, max_dirty_bitmap_size;
    int dirty_start_errno, dirty_get_errno;
    unsigned dma_avail;
    bool dma_avail_cap, share;
    /* iommufd */
    bool iommu_dirty, hw_vtd;
    uint64_t vtd_cap, vtd_ecap;
    int hwpt_alloc_errno, iommu_dirty_start_errno, iommu_dirty_get_errno;
    /* who logs what devices write; empty: nobody, and they write nothing */
    char tracker[108];
    int tracker_timeout_ms;
};

struct conf_bar { uint64_t size; bool io, mem64, pref, mmap; };

struct conf_device {
    char name[64];
    int group;
    bool has_migration;
    uint64_t mig_flags;
    int migration_errno;
    bool dma_logging, dma_buf;
    int start_errno, stop_errno, report_errno, limit_errno;
    unsigned max_ranges;
    uint64_t max_length;
    unsigned dirty_every;
    int fail_errno[8];                     /* by state that cannot be entered; 0: it can */
    uint64_t stop_copy_bytes, precopy_bytes;
    unsigned vendor, device, class, pin;
    struct conf_bar bar[NUM_BARS];
    unsigned msix, msix_bar;
    uint64_t msix_off;
};

/* vaddr: where the memory is in this process; ours: mapped from a file here */
struct mapping { uint64_t iova, size, vaddr; bool writable, ours; };

struct object {
    enum kind kind;
    int fd;
    int id;                       /* serial number, for the log */
    int refs;
    /* container */
    bool iommu_set;
    int ngroups;
    struct mapping *map;
    size_t nmap, capmap;
    bool tracking;
    /* group */
    int groupid;
    struct object *container;
    /* device */
    struct conf_device *dc;
    uint32_t state;
    bool logging;
    uint64_t log_pgsize;
    unsigned long reports;
    /* data */
    struct object *dev;
    bool cdev;                    /* opened as /dev/vfio/devices/vfioN */
};

static struct conf_container cc;
static struct conf_device devs[MAX_DEVICES];
static int ndevs;
static struct object *objs[MAX_FD];
static struct object *group_obj[MAX_DEVICES]; /* by the group's first device */
static struct object *device_obj[MAX_DEVICES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int logfd = -1;
static bool active;
static int next_id = 1;

/* ------------------------------------------------------------------------ */
/* The real functions                                                       */
/* ------------------------------------------------------------------------ */

#define REAL(ret, name, ...) \
    static ret (*real_##name)(__VA_ARGS__)
REAL(int, open64, const char *, int, ...);
REAL(int, openat64, int, const char *, int, ...);
REAL(int, ioctl, int, unsigned long, ...);
REAL(int, close, int);
REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
REAL(int, access, const char *, int);
REAL(int, fstat64, int, struct stat64 *);
REAL(int, stat64, const char *, struct stat64 *);

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ------------------------------------------------------------------------ */
/* Log                                                                      */
/* ------------------------------------------------------------------------ */

static void emit(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void emit(const char *fmt, ...)
{
    char buf[16384];
    struct timespec ts;
    va_list ap;
    int n, k;

    if (logfd < 0) {
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &ts);
    n = snprintf(buf, sizeof(buf), "{\"t\":%ld.%06ld,", (long)ts.tv_sec,
                 ts.tv_nsec / 1000);
    va_start(ap, fmt);
    k = vsnprintf(buf + n, sizeof(buf) - n - 3, fmt, ap);
    va_end(ap);
    if (k < 0) {
        return;
    }
    n += k;
    if (n > (int)sizeof(buf) - 3) {
        n = sizeof(buf) - 3;
    }
    buf[n++] = '}';
    buf[n++] = '\n';
    if (write(logfd, buf, n) != n) {
        /* a log that cannot be written must not disturb the VMM */
    }
}

/* ------------------------------------------------------------------------ */
/* Configuration                                                            */
/* ------------------------------------------------------------------------ */

static char *strip(char *s)
{
    char *e;

    while (*s == ' ' || *s == '\t') {
        s++;
    }
    e = s + strlen(s);
    while (e > s && strchr(" \t\r\n", e[-1])) {
        *--e = 0;
    }
    return s;
}

static void parse_windows(char *v)
{
    char *tok, *save = NULL;

    cc.nwin = 0;
    for (tok = strtok_r(v, ",", &save); tok && cc.nwin < MAX_WINDOWS;
         tok = strtok_r(NULL, ",", &save)) {
        char *end;
        uint64_t a = strtoull(tok, &end, 0);

        if (*end == '-') {
            cc.win[cc.nwin].start = a;
            cc.win[cc.nwin].last = strtoull(end + 1, NULL, 0);
            cc.nwin++;
        }
    }
}

static void set_container(const char *k, char *v)
{
    uint64_t n = strtoull(v, NULL, 0);

    if (!strcmp(k, "pgsizes")) cc.pgsizes = n;
    else if (!strcmp(k, "iova_ranges")) parse_windows(v);
    else if (!strcmp(k, "dirty_pages")) cc.dirty_pages = n;
    else if (!strcmp(k, "dirty_pgsizes")) cc.dirty_pgsizes = n;
    else if (!strcmp(k, "max_dirty_bitmap_size")) cc.max_dirty_bitmap_size = n;
    else if (!strcmp(k, "dirty_start_errno")) cc.dirty_start_errno = n;
    else if (!strcmp(k, "dirty_get_errno")) cc.dirty_get_errno = n;
    else if (!strcmp(k, "dma_avail")) cc.dma_avail = n;
    else if (!strcmp(k, "dma_avail_cap")) cc.dma_avail_cap = n;
    else if (!strcmp(k, "share")) cc.share = n;
    else if (!strcmp(k, "tracker") && strlen(v) < sizeof(cc.tracker)) strcpy(cc.tracker, v);
    else if (!strcmp(k, "tracker_timeout_ms")) cc.tracker_timeout_ms = n;
    else if (!strcmp(k, "iommu_dirty")) cc.iommu_dirty = n;
    else if (!strcmp(k, "iommu_hw")) cc.hw_vtd = !strcmp(v, "vtd");
    else if (!strcmp(k, "vtd_cap")) cc.vtd_cap = n;
    else if (!strcmp(k, "vtd_ecap")) cc.vtd_ecap = n;
    else if (!strcmp(k, "hwpt_alloc_errno")) cc.hwpt_alloc_errno = n;
    else if (!strcmp(k, "iommu_dirty_start_errno")) cc.iommu_dirty_start_errno = n;
    else if (!strcmp(k, "iommu_dirty_get_errno")) cc.iommu_dirty_get_errno = n;
    else fprintf(stderr, "stopcopy-standin: unknown container key %s\n", k);
}

static void set_device(struct conf_device *d, const char *k, char *v)
{
    uint64_t n = strtoull(v, NULL, 0);

    if (!strcmp(k, "group")) d->group = n;
    else if (!strcmp(k, "migration")) {
        d->has_migration = strcmp(v, "none") != 0;
        d->mig_flags = n;
    } else if (!strcmp(k, "migration_errno")) d->migration_errno = n;
    else if (!strcmp(k, "dma_logging")) d->dma_logging = n;
    else if (!strcmp(k, "dma_buf")) d->dma_buf = n;
    else if (!strcmp(k, "dma_logging_start_errno")) d->start_errno = n;
    else if (!strcmp(k, "dma_logging_stop_errno")) d->stop_errno = n;
    else if (!strcmp(k, "dma_logging_report_errno")) d->report_errno = n;
    else if (!strcmp(k, "dma_logging_max_ranges")) d->max_ranges = n;
    else if (!strcmp(k, "dma_logging_max_length")) d->max_length = n;
    else if (!strcmp(k, "limit_errno")) d->limit_errno = n;
    else if (!strcmp(k, "dirty_every")) d->dirty_every = n;
    else if (!strcmp(k, "set_state_fail")) {
        char *c = strchr(v, ':');

        if (n < sizeof(d->fail_errno) / sizeof(*d->fail_errno)) {
            d->fail_errno[n] = c ? atoi(c + 1) : EIO;
        }
    } else if (!strcmp(k, "stop_copy_bytes")) d->stop_copy_bytes = n;
    else if (!strcmp(k, "precopy_bytes")) d->precopy_bytes = n;
    else if (!strcmp(k, "vendor")) d->vendor = n;
    else if (!strcmp(k, "device")) d->device = n;
    else if (!strcmp(k, "class")) d->class = n;
    else if (!strcmp(k, "pin")) d->pin = n;
    else if (!strncmp(k, "bar", 3) && k[3] >= '0' && k[3] < '0' + NUM_BARS) {
        struct conf_bar *b = &d->bar[k[3] - '0'];

        memset(b, 0, sizeof(*b));
        b->size = n;
        b->io = strstr(v, "io") != NULL;
        b->mem64 = strstr(v, "mem64") != NULL;
        b->pref = strstr(v, "pref") != NULL;
        b->mmap = strstr(v, "mmap") != NULL;
    } else if (!strcmp(k, "msix")) d->msix = n;
    else if (!strcmp(k, "msix_bar")) d->msix_bar = n;
    else if (!strcmp(k, "msix_off")) d->msix_off = n;
    else fprintf(stderr, "stopcopy-standin: unknown device key %s\n", k);
}

static void load_conf(const char *path)
{
    FILE *f = fopen(path, "r");
    struct conf_device *cur = NULL;
    char line[1024];

    if (!f) {
        fprintf(stderr, "stopcopy-standin: cannot read %s\n", path);
        return;
    }
    cc.pgsizes = 0xfffffffffffff000ull;
    cc.dirty_pages = true;
    cc.dirty_pgsizes = 0x1000;
    cc.max_dirty_bitmap_size = 0x10000000;
    cc.dma_avail = 65535;
    cc.dma_avail_cap = true;
    cc.share = true;
    cc.tracker_timeout_ms = 10000;
    cc.hw_vtd = true;
    cc.vtd_cap = 0x8d2078c106f0466ull | 1ull << 56 | 1ull << 60;   /* 48 bits, 1 GiB first-level pages */
    cc.vtd_ecap = 0x3ee9e86f050dfull;      /* scalable mode, nested, PASID */
    while (fgets(line, sizeof(line), f)) {
        char *s = strip(line), *eq;

        if (!*s || *s == '#') {
            continue;
        }
        if (!strncmp(s, "[device ", 8) && ndevs < MAX_DEVICES) {
            cur = &devs[ndevs++];
            sscanf(s + 8, "%63[^]]", cur->name);
            cur->limit_errno = EOPNOTSUPP;
            cur->stop_copy_bytes = 4096;
            cur->precopy_bytes = 8192;
            cur->vendor = 0x15b3;
            cur->device = 0x101e;
            cur->class = 0x020000;
            continue;
        }
        if (*s == '[') {
            cur = NULL;
            continue;
        }
        eq = strchr(s, '=');
        if (!eq) {
            continue;
        }
        *eq = 0;
        if (cur) {
            set_device(cur, strip(s), strip(eq + 1));
        } else {
            set_container(strip(s), strip(eq + 1));
        }
    }
    fclose(f);
    active = true;
}

static void init(void)
{
    const char *conf, *log;

    real_open64 = dlsym(RTLD_NEXT, "open64");
    real_openat64 = dlsym(RTLD_NEXT, "openat64");
    real_ioctl = dlsym(RTLD_NEXT, "ioctl");
    real_close = dlsym(RTLD_NEXT, "close");
    real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
    real_access = dlsym(RTLD_NEXT, "access");
    real_fstat64 = dlsym(RTLD_NEXT, "fstat64");
    real_stat64 = dlsym(RTLD_NEXT, "stat64");
    conf = getenv("STOPCOPY_STANDIN_CONF");
    log = getenv("STOPCOPY_STANDIN_LOG");
    if (conf && log) {
        int fd = real_open64(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                             0644);

        if (fd >= 0) {
            logfd = fcntl(fd, F_DUPFD_CLOEXEC, 1000);
            if (logfd < 0) {
                logfd = fd;
            } else {
                real_close(fd);
            }
        }
    }
    if (conf) {
        load_conf(conf);
    }
}

static void ensure(void)
{
    pthread_once(&once, init);
}

/* ------------------------------------------------------------------------ */
/* Objects and fds                                                          */
/* ------------------------------------------------------------------------ */

static struct object *find(int fd, enum kind kind)
{
    struct object *o;

    if (fd < 0 || fd >= MAX_FD) {
        return NULL;
    }
    o = objs[fd];
    return o && (kind == K_NONE || o->kind == kind) ? o : NULL;
}

/* Where the open file of a group is kept; NULL if there is no such group. */
static struct object **group_slot(int groupid)
{
    int i;

    for (i = 0; i < ndevs; i++) {
        if (devs[i].group == groupid) {
            return &group_obj[i];
        }
    }
    return NULL;
}

static struct object *new_object(enum kind kind, const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    struct object *o;

    if (fd < 0) {
        return NULL;
    }
    if (fd >= MAX_FD) {
        real_close(fd);
        errno = EMFILE;
        return NULL;
    }
    o = calloc(1, sizeof(*o));
    o->kind = kind;
    o->fd = fd;
    o->id = next_id++;
    objs[fd] = o;
    return o;
}

static const char *state_name(unsigned s)
{
    static const char *const names[] = {
        "ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "RUNNING_P2P",
        "PRE_COPY", "PRE_COPY_P2P",
    };

    return s < sizeof(names) / sizeof(*names) ? names[s] : "UNKNOWN";
}

/* Little-endian config space helpers */
static void put8(uint8_t *c, int o, unsigned v) { c[o] = v; }
static void put16(uint8_t *c, int o, unsigned v) { c[o] = v; c[o + 1] = v >> 8; }
static void put32(uint8_t *c, int o, uint32_t v)
{
    put16(c, o, v);
    put16(c, o + 2, v >> 16);
}

static void tracker_open(void);
static int tracker_start(struct object *, struct vfio_device_feature_dma_logging_control *);
static int tracker_report(struct object *, struct vfio_device_feature_dma_logging_report *);
static int tracker_stop(struct object *);

static struct object *new_device(struct conf_device *dc)
{
    struct object *o = new_object(K_DEVICE, dc->name);
    uint8_t cfg[CONFIG_SIZE] = { 0 };
    int i;

    if (!o) {
        return NULL;
    }
    o->dc = dc;
    o->state = VFIO_DEVICE_STATE_RUNNING;
    device_obj[dc - devs] = o;
    tracker_open();
    put16(cfg, 0x00, dc->vendor);
    put16(cfg, 0x02, dc->device);
    put16(cfg, 0x04, 0);                       /* command */
    put16(cfg, 0x06, dc->msix ? 0x0010 : 0);   /* status: capability list */
    put8(cfg, 0x08, 1);                        /* revision */
    put8(cfg, 0x09, dc->class & 0xff);
    put8(cfg, 0x0a, dc->class >> 8);
    put8(cfg, 0x0b, dc->class >> 16);
    for (i = 0; i < NUM_BARS; i++) {
        struct conf_bar *b = &dc->bar[i];

        if (b->size) {
            put32(cfg, 0x10 + 4 * i, b->io ? 1 :
                  (b->mem64 ? 4 : 0) | (b->pref ? 8 : 0));
        }
    }
    put16(cfg, 0x2c, dc->vendor);
    put16(cfg, 0x2e, dc->device);
    put8(cfg, 0x3d, dc->pin);
    if (dc->msix) {
        put8(cfg, 0x34, 0x60);
        put8(cfg, 0x60, 0x11);                 /* MSI-X */
        put8(cfg, 0x61, 0);
        put16(cfg, 0x62, dc->msix - 1);
        put32(cfg, 0x64, (uint32_t)dc->msix_off | dc->msix_bar);
        put32(cfg, 0x68, (uint32_t)(dc->msix_off + 0x800) | dc->msix_bar);
    }
    /* The memfd IS the device: pread/mmap need no interception at all. */
    if (ftruncate(o->fd, REGION_OFF(VFIO_PCI_NUM_REGIONS)) < 0 ||
        real_pwrite64(o->fd, cfg, sizeof(cfg),
                      REGION_OFF(VFIO_PCI_CONFIG_REGION_INDEX)) !=
        sizeof(cfg)) {
        perror("stopcopy-standin: device memfd");
    }
    return o;
}

/* ------------------------------------------------------------------------ */
/* open / close                                                             */
/* ------------------------------------------------------------------------ */

/* Returns -2 when the path is none of ours. */
static int try_open(const char *path)
{
    struct object *o;
    int groupid, end = 0;

    if (!path || (strncmp(path, "/dev/vfio/", 10) && strcmp(path, "/dev/iommu"))) {
        return -2;
    }
    ensure();
    if (!active) {
        return -2;
    }
    pthread_mutex_lock(&lock);
    if (!strcmp(path, "/dev/iommu")) {
        o = new_object(K_IOMMUFD, "iommufd");
        if (o) {
            emit("\"ev\":\"open_iommufd\",\"iommufd\":%d", o->id);
        }
    } else if (sscanf(path + 10, "devices/vfio%d%n", &groupid, &end) == 1 && !path[10 + end]) {
        if (groupid < 0 || groupid >= ndevs) {
            pthread_mutex_unlock(&lock);
            errno = ENOENT;
            return -1;
        }
        o = new_device(&devs[groupid]);
        if (o) {
            o->cdev = true;
            emit("\"ev\":\"open_cdev\",\"dev\":\"%s\"", o->dc->name);
        }
    } else if (!strcmp(path + 10, "vfio")) {
        o = new_object(K_CONTAINER, "vfio-container");
        if (o) {
            emit("\"ev\":\"open_container\",\"container\":%d", o->id);
        }
    } else if (sscanf(path + 10, "%d%n", &groupid, &end) == 1 &&
               !path[10 + end]) {
        struct object **slot = group_slot(groupid);

        if (!slot) {
            pthread_mutex_unlock(&lock);
            errno = ENOENT;
            return -1;
        }
        if (*slot) {                           /* the kernel allows one opener */
            pthread_mutex_unlock(&lock);
            errno = EBUSY;
            return -1;
        }
        o = new_object(K_GROUP, "vfio-group");
        if (o) {
            o->groupid = groupid;
            *slot = o;
            emit("\"ev\":\"open_group\",\"group\":%d", groupid);
        }
    } else {
        pthread_mutex_unlock(&lock);
        errno = ENOENT;
        return -1;
    }
    pthread_mutex_unlock(&lock);
    return o ? o->fd : -1;
}

static mode_t mode_of(int flags, va_list ap)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE
           ? va_arg(ap, mode_t) : 0;
}

#define OPEN_BODY(at)                           \
    va_list ap;                                 \
    mode_t mode;                                \
    int fd = try_open(path);                    \
    if (fd != -2) {                             \
        return fd;                              \
    }                                           \
    ensure();                                   \
    va_start(ap, flags);                        \
    mode = mode_of(flags, ap);                  \
    va_end(ap);                                 \
    return at

int open(const char *path, int flags, ...)
{
    OPEN_BODY(real_open64(path, flags, mode));
}
int open64(const char *path, int flags, ...)
{
    OPEN_BODY(real_open64(path, flags, mode));
}
int openat(int dir, const char *path, int flags, ...)
{
    OPEN_BODY(real_openat64(dir, path, flags, mode));
}
int openat64(int dir, const char *path, int flags, ...)
{
    OPEN_BODY(real_openat64(dir, path, flags, mode));
}
int __open_2(const char *path, int flags)
{
    int fd = try_open(path);

    ensure();
    return fd != -2 ? fd : real_open64(path, flags);
}
int __open64_2(const char *path, int flags)
{
    return __open_2(path, flags);
}

int access(const char *path, int how)
{
    ensure();
    if (active && (!strncmp(path, "/dev/vfio/", 10) || !strcmp(path, "/dev/iommu"))) {
        return 0;
    }
    return real_access(path, how);
}

static int do_fstat(int fd, struct stat64 *st)
{
    struct object *o;
    int r;

    ensure();
    r = real_fstat64(fd, st);
    o = active ? find(fd, K_DEVICE) : NULL;
    if (!r && o && o->cdev) {
        st->st_mode = S_IFCHR | 0600;
        st->st_rdev = makedev(510, o->dc - devs);
    }
    return r;
}
int fstat64(int fd, struct stat64 *st)
{
    return do_fstat(fd, st);
}
int fstat(int fd, struct stat *st)           /* x86-64: the same layout */
{
    return do_fstat(fd, (struct stat64 *)st);
}

int stat64(const char *path, struct stat64 *st)
{
    ensure();
    if (active && !strcmp(path, "/dev/iommu")) {      /* QEMU 11.1 asks whether it exists */
        memset(st, 0, sizeof(*st));
        st->st_mode = S_IFCHR | 0600;
        st->st_rdev = makedev(10, 124);
        return 0;
    }
    return real_stat64(path, st);
}
int stat(const char *path, struct stat *st)
{
    return stat64(path, (struct stat64 *)st);
}

int close(int fd)
{
    struct object *o;
    int i;

    ensure();
    pthread_mutex_lock(&lock);
    o = find(fd, K_NONE);
    if (o) {
        objs[fd] = NULL;
        switch (o->kind) {
        case K_CONTAINER:
            emit("\"ev\":\"close_container\",\"container\":%d,\"left_mapped\":%zu",
                 o->id, o->nmap);
            for (i = 0; i < ndevs; i++) {
                if (group_obj[i] && group_obj[i]->container == o) {
                    group_obj[i]->container = NULL;
                }
            }
            free(o->map);
            break;
        case K_IOMMUFD:
            emit("\"ev\":\"close_iommufd\",\"iommufd\":%d", o->id);
            break;
        case K_GROUP:
            emit("\"ev\":\"close_group\",\"group\":%d", o->groupid);
            *group_slot(o->groupid) = NULL;
            break;
        case K_DEVICE:
            emit("\"ev\":\"close_device\",\"dev\":\"%s\",\"reports\":%lu,"
                 "\"state\":\"%s\",\"logging\":%s", o->dc->name, o->reports,
                 state_name(o->state), o->logging ? "true" : "false");
            if (o->logging && cc.tracker[0]) {
                tracker_stop(o);
            }
            if (device_obj[o->dc - devs] == o) {
                device_obj[o->dc - devs] = NULL;
            }
            break;
        default:
            break;
        }
        if (o->kind != K_DEVICE) {
            free(o);
        }
    }
    pthread_mutex_unlock(&lock);
    return real_close(fd);
}

/* ------------------------------------------------------------------------ */
/* Config space writes: only the bits that real hardware lets be written    */
/* ------------------------------------------------------------------------ */

static ssize_t do_pwrite(int fd, const void *buf, size_t n, off64_t off)
{
    struct object *o;

    ensure();
    o = active ? find(fd, K_DEVICE) : NULL;
    if (o && (uint64_t)off >= REGION_OFF(VFIO_PCI_CONFIG_REGION_INDEX) &&
        (uint64_t)off < REGION_OFF(VFIO_PCI_CONFIG_REGION_INDEX) + CONFIG_SIZE) {
        uint64_t base = REGION_OFF(VFIO_PCI_CONFIG_REGION_INDEX);
        size_t i;

        for (i = 0; i < n; i++) {
            unsigned reg = off + i - base;

            /* command, cache line size, latency timer, interrupt line */
            if (reg == 0x04 || reg == 0x05 || reg == 0x0c || reg == 0x0d ||
                reg == 0x3c || (o->dc->msix && (reg == 0x62 || reg == 0x63))) {
                real_pwrite64(fd, (const char *)buf + i, 1, base + reg);
            }
        }
        return n;
    }
    return real_pwrite64(fd, buf, n, off);
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t off)
{
    return do_pwrite(fd, buf, n, off);
}
ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t off)
{
    return do_pwrite(fd, buf, n, off);
}

/* ------------------------------------------------------------------------ */
/* Container                                                                */
/* ------------------------------------------------------------------------ */

static int fail(int e)
{
    errno = e;
    return -1;
}

static bool in_window(uint64_t iova, uint64_t last)
{
    int i;

    if (!cc.nwin) {
        return true;
    }
    for (i = 0; i < cc.nwin; i++) {
        if (cc.win[i].start <= iova && last <= cc.win[i].last) {
            return true;
        }
    }
    return false;
}

static uint64_t min_pgmask(void)
{
    return (cc.pgsizes & -cc.pgsizes) - 1;
}

static int iommu_get_info(struct object *c, struct vfio_iommu_type1_info *info)
{
    uint32_t space = info->argsz;
    uint8_t buf[4096] = { 0 };
    struct vfio_iommu_type1_info *full = (void *)buf;
    uint32_t off = sizeof(*full), *link = &full->cap_offset;
    int i;

    if (space < offsetof(struct vfio_iommu_type1_info, cap_offset)) {
        return fail(EINVAL);
    }
    full->flags = VFIO_IOMMU_INFO_PGSIZES;
    full->iova_pgsizes = cc.pgsizes;
    off = (off + 7) & ~7u;
    if (cc.nwin) {
        struct vfio_iommu_type1_info_cap_iova_range *r = (void *)(buf + off);

        r->header.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE;
        r->header.version = 1;
        r->nr_iovas = cc.nwin;
        for (i = 0; i < cc.nwin; i++) {
            r->iova_ranges[i].start = cc.win[i].start;
            r->iova_ranges[i].end = cc.win[i].last;
        }
        *link = off;
        link = &r->header.next;
        off += sizeof(*r) + cc.nwin * sizeof(r->iova_ranges[0]);
        off = (off + 7) & ~7u;
    }
    if (cc.dirty_pages) {
        struct vfio_iommu_type1_info_cap_migration *m = (void *)(buf + off);

        m->header.id = VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION;
        m->header.version = 1;
        m->pgsize_bitmap = cc.dirty_pgsizes;
        m->max_dirty_bitmap_size = cc.max_dirty_bitmap_size;
        *link = off;
        link = &m->header.next;
        off += (sizeof(*m) + 7) & ~7u;
    }
    if (cc.dma_avail_cap) {
        struct vfio_iommu_type1_info_dma_avail *d = (void *)(buf + off);

        d->header.id = VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL;
        d->header.version = 1;
        d->avail = cc.dma_avail - c->nmap;
        *link = off;
        link = &d->header.next;
        off += (sizeof(*d) + 7) & ~7u;
    }
    if (full->cap_offset) {
        full->flags |= VFIO_IOMMU_INFO_CAPS;
    }
    if (space < off) {
        /* Only the fixed part; cap_offset 0 says "call again with argsz". */
        full->cap_offset = 0;
        full->argsz = off;
        memcpy(info, full, space < sizeof(*full) ? space : sizeof(*full));
        info->argsz = off;
        return 0;
    }
    full->argsz = off;
    memcpy(info, buf, off);
    return 0;
}

static int iommu_map(struct object *c, struct vfio_iommu_type1_dma_map *m)
{
    uint64_t mask = min_pgmask();
    size_t i;
    int e = 0;

    if (!m->size || ((m->size | m->iova | m->vaddr) & mask) ||
        m->iova + m->size - 1 < m->iova) {
        e = EINVAL;
    } else if (!in_window(m->iova, m->iova + m->size - 1)) {
        e = EINVAL;
    } else if (c->nmap >= cc.dma_avail) {
        e = ENOSPC;
    } else {
        for (i = 0; i < c->nmap; i++) {
            struct mapping *p = &c->map[i];

            if (m->iova < p->iova + p->size && p->iova < m->iova + m->size) {
                e = EEXIST;
                break;
            }
        }
    }
    emit("\"ev\":\"map_dma\",\"container\":%d,\"iova\":\"0x%llx\","
         "\"size\":\"0x%llx\",\"flags\":%u,\"errno\":%d", c->id,
         (unsigned long long)m->iova, (unsigned long long)m->size, m->flags, e);
    if (e) {
        return fail(e);
    }
    if (c->nmap == c->capmap) {
        c->capmap = c->capmap ? 2 * c->capmap : 64;
        c->map = realloc(c->map, c->capmap * sizeof(*c->map));
    }
    c->map[c->nmap++] = (struct mapping){
        .iova = m->iova, .size = m->size, .vaddr = m->vaddr,
        .writable = m->flags & VFIO_DMA_MAP_FLAG_WRITE,
    };
    return 0;
}

static int iommu_unmap(struct object *c, struct vfio_iommu_type1_dma_unmap *u)
{
    uint64_t mask = min_pgmask(), last = u->iova + u->size - 1, done = 0;
    bool all = u->flags & VFIO_DMA_UNMAP_FLAG_ALL;
    size_t i, k;
    int e = 0;

    if (!all && (!u->size || ((u->size | u->iova) & mask) || last < u->iova)) {
        e = EINVAL;
    }
    for (i = 0; !e && !all && i < c->nmap; i++) {
        struct mapping *p = &c->map[i];
        uint64_t plast = p->iova + p->size - 1;

        /* type1v2: a mapping is removed whole or not at all */
        if ((p->iova < u->iova && plast >= u->iova) ||
            (p->iova <= last && plast > last)) {
            e = EINVAL;
        }
    }
    for (i = k = 0; !e && i < c->nmap; i++) {
        struct mapping p = c->map[i];

        if (all || (p.iova >= u->iova && p.iova + p.size - 1 <= last)) {
            done += p.size;
        } else {
            c->map[k++] = p;
        }
    }
    if (!e) {
        c->nmap = k;
    }
    emit("\"ev\":\"unmap_dma\",\"container\":%d,\"iova\":\"0x%llx\","
         "\"size\":\"0x%llx\",\"flags\":%u,\"unmapped\":\"0x%llx\",\"errno\":%d",
         c->id, (unsigned long long)u->iova, (unsigned long long)u->size,
         u->flags, (unsigned long long)done, e);
    if (e) {
        return fail(e);
    }
    u->size = done;
    return 0;
}

static int iommu_dirty(struct object *c, struct vfio_iommu_type1_dirty_bitmap *d)
{
    const char *op = "?";
    unsigned long long iova = 0, size = 0;
    int e = 0;

    if (!cc.dirty_pages) {
        return fail(ENOTTY);
    }
    if (d->flags & VFIO_IOMMU_DIRTY_PAGES_FLAG_START) {
        op = "start";
        e = cc.dirty_start_errno;
        if (!e) {
            c->tracking = true;
        }
    } else if (d->flags & VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP) {
        op = "stop";
        c->tracking = false;
    } else if (d->flags & VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP) {
        struct vfio_iommu_type1_dirty_bitmap_get *g = (void *)d->data;

        op = "get";
        iova = g->iova;
        size = g->size;
        e = !c->tracking || g->bitmap.size > cc.max_dirty_bitmap_size ? EINVAL
            : cc.dirty_get_errno;
    }
    emit("\"ev\":\"container_dirty\",\"container\":%d,\"op\":\"%s\","
         "\"iova\":\"0x%llx\",\"size\":\"0x%llx\",\"errno\":%d", c->id, op, iova,
         size, e);
    return e ? fail(e) : 0;
}

static int container_ioctl(struct object *c, unsigned long req, void *arg)
{
    switch (req) {
    case VFIO_GET_API_VERSION:
        return VFIO_API_VERSION;
    case VFIO_CHECK_EXTENSION:
        switch ((uintptr_t)arg) {
        case VFIO_TYPE1_IOMMU:
        case VFIO_TYPE1v2_IOMMU:
#ifdef VFIO_UNMAP_ALL
        case VFIO_UNMAP_ALL:
#endif
            return 1;
        default:
            return 0;
        }
    case VFIO_SET_IOMMU:
        if (!c->ngroups) {
            return fail(EINVAL);
        }
        c->iommu_set = true;
        emit("\"ev\":\"set_iommu\",\"container\":%d,\"type\":%lu", c->id,
             (unsigned long)(uintptr_t)arg);
        return 0;
    case VFIO_IOMMU_GET_INFO:
        return iommu_get_info(c, arg);
    case VFIO_IOMMU_MAP_DMA:
        return iommu_map(c, arg);
    case VFIO_IOMMU_UNMAP_DMA:
        return iommu_unmap(c, arg);
    case VFIO_IOMMU_DIRTY_PAGES:
        return iommu_dirty(c, arg);
    default:
        return fail(ENOTTY);
    }
}

/* ------------------------------------------------------------------------ */
/* Group                                                                    */
/* ------------------------------------------------------------------------ */

static int group_ioctl(struct object *g, unsigned long req, void *arg)
{
    switch (req) {
    case VFIO_GROUP_GET_STATUS: {
        struct vfio_group_status *s = arg;

        s->flags = VFIO_GROUP_FLAGS_VIABLE |
                   (g->container ? VFIO_GROUP_FLAGS_CONTAINER_SET : 0);
        return 0;
    }
    case VFIO_GROUP_SET_CONTAINER: {
        struct object *c = find(*(int *)arg, K_CONTAINER);

        if (!c || g->container) {
            return fail(EINVAL);
        }
        if (c->ngroups && !cc.share) {
            return fail(EINVAL);
        }
        g->container = c;
        c->ngroups++;
        emit("\"ev\":\"set_container\",\"group\":%d,\"container\":%d",
             g->groupid, c->id);
        return 0;
    }
    case VFIO_GROUP_UNSET_CONTAINER:
        if (!g->container) {
            return fail(EINVAL);
        }
        emit("\"ev\":\"unset_container\",\"group\":%d,\"container\":%d",
             g->groupid, g->container->id);
        if (!--g->container->ngroups) {
            g->container->nmap = 0;            /* the iommu backend goes away */
            g->container->iommu_set = false;
        }
        g->container = NULL;
        return 0;
    case VFIO_GROUP_GET_DEVICE_FD: {
        struct object *d;
        int i;

        for (i = 0; i < ndevs; i++) {
            size_t n = strlen(devs[i].name);
            const char *asked = arg;

            /* vfio-pci also takes "NAME vf_token=..." */
            if (devs[i].group == g->groupid &&
                !strncmp(asked, devs[i].name, n) &&
                (!asked[n] || asked[n] == ' ')) {
                d = new_device(&devs[i]);
                if (!d) {
                    return -1;
                }
                emit("\"ev\":\"get_device_fd\",\"dev\":\"%s\",\"group\":%d,"
                     "\"container\":%d", devs[i].name, g->groupid,
                     g->container ? g->container->id : 0);
                return d->fd;
            }
        }
        return fail(ENODEV);
    }
    default:
        return fail(ENOTTY);
    }
}

/* ------------------------------------------------------------------------ */
/* Device                                                                   */
/* ------------------------------------------------------------------------ */

static int region_info(struct object *d, struct vfio_region_info *r)
{
    struct conf_device *dc = d->dc;

    if (r->index >= VFIO_PCI_NUM_REGIONS) {
        return fail(EINVAL);
    }
    r->argsz = sizeof(*r);
    r->cap_offset = 0;
    r->flags = 0;
    r->size = 0;
    r->offset = REGION_OFF(r->index);
    if (r->index < NUM_BARS && dc->bar[r->index].size) {
        struct conf_bar *b = &dc->bar[r->index];

        r->size = b->size;
        r->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
                   (b->mmap ? VFIO_REGION_INFO_FLAG_MMAP : 0);
    } else if (r->index == VFIO_PCI_CONFIG_REGION_INDEX) {
        r->size = CONFIG_SIZE;
        r->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
    } else if (r->index == VFIO_PCI_VGA_REGION_INDEX) {
        return fail(EINVAL);
    }
    return 0;
}

static int irq_info(struct object *d, struct vfio_irq_info *q)
{
    if (q->index >= VFIO_PCI_NUM_IRQS) {
        return fail(EINVAL);
    }
    q->argsz = sizeof(*q);
    q->flags = VFIO_IRQ_INFO_EVENTFD;
    switch (q->index) {
    case VFIO_PCI_INTX_IRQ_INDEX:
        q->count = d->dc->pin ? 1 : 0;
        q->flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
        break;
    case VFIO_PCI_MSIX_IRQ_INDEX:
        q->count = d->dc->msix;
        q->flags |= VFIO_IRQ_INFO_NORESIZE;
        break;
    case VFIO_PCI_ERR_IRQ_INDEX:
    case VFIO_PCI_REQ_IRQ_INDEX:
        q->count = 1;
        break;
    default:
        q->count = 0;
    }
    return 0;
}

static bool moves_data(uint32_t s)
{
    return s == VFIO_DEVICE_STATE_STOP_COPY || s == VFIO_DEVICE_STATE_RESUMING ||
           s == VFIO_DEVICE_STATE_PRE_COPY || s == VFIO_DEVICE_STATE_PRE_COPY_P2P;
}

static void fill(int fd, uint64_t bytes)
{
    static const char zeros[4096];
    off64_t end = lseek(fd, 0, SEEK_CUR);
    struct stat st;

    /* append without moving the reader's position */
    if (!fstat(fd, &st)) {
        end = st.st_size;
    }
    while (bytes) {
        size_t n = bytes < sizeof(zeros) ? bytes : sizeof(zeros);

        if (real_pwrite64(fd, zeros, n, end) != (ssize_t)n) {
            return;
        }
        end += n;
        bytes -= n;
    }
}

static struct object *data_of(struct object *d)
{
    int i;

    for (i = 0; i < MAX_FD; i++) {
        if (objs[i] && objs[i]->kind == K_DATA && objs[i]->dev == d) {
            return objs[i];
        }
    }
    return NULL;
}

static int set_state(struct object *d, struct vfio_device_feature_mig_state *m)
{
    struct conf_device *dc = d->dc;
    uint32_t from = d->state, to = m->device_state;
    struct object *data = NULL;
    int e = 0;

    m->data_fd = -1;
    if (to == VFIO_DEVICE_STATE_ERROR || to > VFIO_DEVICE_STATE_PRE_COPY_P2P) {
        e = EINVAL;
    } else if ((to == VFIO_DEVICE_STATE_RUNNING_P2P ||
                to == VFIO_DEVICE_STATE_PRE_COPY_P2P) &&
               !(dc->mig_flags & VFIO_MIGRATION_P2P)) {
        e = EINVAL;
    } else if ((to == VFIO_DEVICE_STATE_PRE_COPY ||
                to == VFIO_DEVICE_STATE_PRE_COPY_P2P) &&
               !(dc->mig_flags & VFIO_MIGRATION_PRE_COPY)) {
        e = EINVAL;
    } else if (dc->fail_errno[to]) {
        e = dc->fail_errno[to];
    } else {
        /*
         * A new data fd comes with the entry into a data-moving session;
         * within PRE_COPY -> PRE_COPY_P2P -> STOP_COPY the old one goes on.
         */
        if (moves_data(to) && !(moves_data(from) &&
                                from != VFIO_DEVICE_STATE_RESUMING)) {
            data = new_object(K_DATA, "vfio-mig-data");
            if (!data) {
                e = EMFILE;
            } else {
                data->dev = d;
                m->data_fd = data->fd;
                if (to == VFIO_DEVICE_STATE_STOP_COPY) {
                    fill(data->fd, dc->stop_copy_bytes);
                } else if (to != VFIO_DEVICE_STATE_RESUMING) {
                    fill(data->fd, dc->precopy_bytes);
                }
            }
        } else if (to == VFIO_DEVICE_STATE_STOP_COPY && from != to) {
            data = data_of(d);
            if (data) {
                fill(data->fd, dc->stop_copy_bytes);
            }
        }
        if (!e) {
            d->state = to;
        }
    }
    emit("\"ev\":\"mig_state\",\"dev\":\"%s\",\"from\":\"%s\",\"to\":\"%s\","
         "\"data_fd\":%s,\"errno\":%d", dc->name, state_name(from),
         state_name(to), m->data_fd >= 0 ? "true" : "false", e);
    return e ? fail(e) : 0;
}

/* the ranges of DMA_LOGGING_START fit into one page */
#define LOG_MAX_RANGES \
    (4096 / sizeof(struct vfio_device_feature_dma_logging_range))

static int log_start(struct object *d,
                     struct vfio_device_feature_dma_logging_control *c)
{
    struct vfio_device_feature_dma_logging_range *r =
        (void *)(uintptr_t)c->ranges;
    char buf[4096];
    uint64_t total = 0;
    unsigned i, n = 0;
    int e = d->dc->start_errno;

    buf[0] = 0;
    for (i = 0; i < c->num_ranges; i++) {
        total += r[i].length;
        if (n < sizeof(buf) - 96) {
            n += snprintf(buf + n, sizeof(buf) - n,
                          "%s{\"iova\":\"0x%llx\",\"length\":\"0x%llx\"}",
                          i ? "," : "", (unsigned long long)r[i].iova,
                          (unsigned long long)r[i].length);
        }
    }
    if (!e && d->logging) {
        e = EINVAL;
    }
    if (!e && !c->num_ranges) {
        e = EINVAL;
    }
    if (!e && c->num_ranges > LOG_MAX_RANGES) {
        e = E2BIG;
    }
    if (!e && d->dc->max_ranges && c->num_ranges > d->dc->max_ranges) {
        e = d->dc->limit_errno;
    }
    if (!e && d->dc->max_length && total > d->dc->max_length) {
        e = d->dc->limit_errno;
    }
    for (i = 0; !e && i < c->num_ranges; i++) {
        /*
         * The rules of the kernel's VFIO core, in its order: page aligned
         * (EINVAL), iova + length fits in 64 bits (EOVERFLOW: a range may not
         * end at 2^64), no overlap with an earlier range (EINVAL).
         */
        unsigned k;

        if ((r[i].iova | r[i].length) & (c->page_size - 1)) {
            e = EINVAL;
        } else if (r[i].iova + r[i].length < r[i].iova) {
            e = EOVERFLOW;
        }
        for (k = 0; !e && k < i; k++) {
            if (r[i].iova <= r[k].iova + r[k].length - 1 &&
                r[k].iova <= r[i].iova + r[i].length - 1) {
                e = EINVAL;
            }
        }
    }
    if (!e && cc.tracker[0]) {
        e = tracker_start(d, c);
    }
    emit("\"ev\":\"dma_logging_start\",\"dev\":\"%s\",\"page_size\":%llu,"
         "\"num_ranges\":%u,\"ranges\":[%s],\"errno\":%d", d->dc->name,
         (unsigned long long)c->page_size, c->num_ranges, buf, e);
    if (e) {
        return fail(e);
    }
    d->logging = true;
    d->log_pgsize = c->page_size;
    d->reports = 0;
    return 0;
}

static int log_report(struct object *d,
                      struct vfio_device_feature_dma_logging_report *r)
{
    d->reports++;
    if (!d->logging) {
        return fail(EINVAL);
    }
    if (d->dc->report_errno) {
        return fail(d->dc->report_errno);
    }
    if (r->page_size < 4096 || (r->page_size & (r->page_size - 1))) {
        return fail(EINVAL);                   /* R-DT-44 */
    }
    if (r->iova + r->length < r->iova) {
        return fail(EOVERFLOW);
    }
    if (cc.tracker[0]) {
        int e = tracker_report(d, r);

        return e ? fail(e) : 0;
    }
    if (d->dc->dirty_every && r->bitmap) {
        uint64_t pages = r->length / r->page_size, i;
        unsigned char *map = (unsigned char *)(uintptr_t)r->bitmap;

        for (i = 0; i < pages; i += d->dc->dirty_every) {
            map[i / 8] |= 1u << (i % 8);
        }
    }
    return 0;
}

static int log_stop(struct object *d)
{
    int e = d->dc->stop_errno ? d->dc->stop_errno : cc.tracker[0] ? tracker_stop(d) : 0;

    emit("\"ev\":\"dma_logging_stop\",\"dev\":\"%s\",\"reports\":%lu,"
         "\"errno\":%d", d->dc->name, d->reports, e);
    if (e) {
        return fail(e);
    }
    d->logging = false;
    return 0;
}

static int feature(struct object *d, struct vfio_device_feature *f)
{
    struct conf_device *dc = d->dc;
    unsigned idx = f->flags & VFIO_DEVICE_FEATURE_MASK;
    bool probe = f->flags & VFIO_DEVICE_FEATURE_PROBE;
    bool get = f->flags & VFIO_DEVICE_FEATURE_GET;
    bool set = f->flags & VFIO_DEVICE_FEATURE_SET;

    switch (idx) {
    case VFIO_DEVICE_FEATURE_MIGRATION:
        if (dc->migration_errno) {
            return fail(dc->migration_errno);
        }
        if (!dc->has_migration || set) {
            return fail(set ? EINVAL : ENOTTY);
        }
        if (!probe) {
            ((struct vfio_device_feature_migration *)f->data)->flags =
                dc->mig_flags;
        }
        return 0;
    case VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE:
        if (!dc->has_migration) {
            return fail(ENOTTY);
        }
        if (probe) {
            return 0;
        }
        if (set) {
            return set_state(d, (void *)f->data);
        }
        ((struct vfio_device_feature_mig_state *)f->data)->device_state =
            d->state;
        ((struct vfio_device_feature_mig_state *)f->data)->data_fd = -1;
        return 0;
    case VFIO_DEVICE_FEATURE_MIG_DATA_SIZE:
        if (!dc->has_migration || set) {
            return fail(ENOTTY);
        }
        if (!probe) {
            ((struct vfio_device_feature_mig_data_size *)f->data)
                ->stop_copy_length = dc->stop_copy_bytes;
        }
        return 0;
    case VFIO_DEVICE_FEATURE_DMA_LOGGING_START:
        if (!dc->dma_logging || get) {
            return fail(ENOTTY);
        }
        return probe ? 0 : log_start(d, (void *)f->data);
    case VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP:
        if (!dc->dma_logging || get) {
            return fail(ENOTTY);
        }
        if (probe) {
            return 0;
        }
        return log_stop(d);
    case VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT:
        if (!dc->dma_logging || set) {
            return fail(ENOTTY);
        }
        return probe ? 0 : log_report(d, (void *)f->data);
    case 11: {                                 /* VFIO_DEVICE_FEATURE_DMA_BUF, Linux 6.19 */
        int fd;

        if (!dc->dma_buf || set) {
            return fail(ENOTTY);
        }
        if (probe) {
            return 0;
        }
        fd = memfd_create("vfio-dmabuf", MFD_CLOEXEC);
        emit("\"ev\":\"dma_buf\",\"dev\":\"%s\",\"region\":%u", dc->name, ((unsigned *)f->data)[0]);
        return fd;
    }
    default:
        return fail(ENOTTY);
    }
}

#include "iommufd.h"
#include "tracker.h"

static int device_ioctl(struct object *d, unsigned long req, void *arg)
{
    switch (req) {
    case VFIO_DEVICE_GET_INFO: {
        struct vfio_device_info *i = arg;

        i->argsz = offsetof(struct vfio_device_info, num_irqs) + 4;
        i->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
        i->num_regions = VFIO_PCI_NUM_REGIONS;
        i->num_irqs = VFIO_PCI_NUM_IRQS;
        return 0;
    }
    case VFIO_DEVICE_GET_REGION_INFO:
        return region_info(d, arg);
    case VFIO_DEVICE_GET_IRQ_INFO:
        return irq_info(d, arg);
    case VFIO_DEVICE_SET_IRQS:
        return 0;
    case VFIO_DEVICE_RESET:
        d->state = VFIO_DEVICE_STATE_RUNNING;
        emit("\"ev\":\"reset\",\"dev\":\"%s\"", d->dc->name);
        return 0;
    case VFIO_DEVICE_FEATURE:
        return feature(d, arg);
    case FV_DEVICE_BIND_IOMMUFD:
    case FV_DEVICE_ATTACH_IOMMUFD_PT:
    case FV_DEVICE_DETACH_IOMMUFD_PT:
        return cdev_ioctl(d, req, arg);
    default:
        return fail(ENOTTY);
    }
}

static int data_ioctl(struct object *o, unsigned long req, void *arg)
{
    if (req == VFIO_MIG_GET_PRECOPY_INFO) {
        struct vfio_precopy_info *p = arg;
        struct stat st;
        off64_t pos = lseek(o->fd, 0, SEEK_CUR);

        p->initial_bytes = 0;
        p->dirty_bytes = !fstat(o->fd, &st) && st.st_size > pos
                         ? st.st_size - pos : 0;
        return 0;
    }
    return fail(ENOTTY);
}

/* ------------------------------------------------------------------------ */
/* ioctl                                                                    */
/* ------------------------------------------------------------------------ */

int ioctl(int fd, unsigned long req, ...)
{
    struct object *o;
    va_list ap;
    void *arg;
    int ret;

    va_start(ap, req);
    arg = va_arg(ap, void *);
    va_end(ap);
    ensure();
    if (!active) {
        return real_ioctl(fd, req, arg);
    }
    req = (unsigned int)req;      /* some callers pass it as a (negative) int */
    o = find(fd, K_NONE);
    if (!o) {
        /* KVM's VFIO pseudo device would reject the fake group fds. */
        if (req == KVM_CREATE_DEVICE &&
            ((struct kvm_create_device *)arg)->type == KVM_DEV_TYPE_VFIO) {
            pthread_mutex_lock(&lock);
            o = new_object(K_KVMDEV, "kvm-vfio");
            pthread_mutex_unlock(&lock);
            if (!o) {
                return -1;
            }
            ((struct kvm_create_device *)arg)->fd = o->fd;
            return 0;
        }
        return real_ioctl(fd, req, arg);
    }
    pthread_mutex_lock(&lock);
    switch (o->kind) {
    case K_CONTAINER: ret = container_ioctl(o, req, arg); break;
    case K_GROUP:     ret = group_ioctl(o, req, arg); break;
    case K_DEVICE:    ret = device_ioctl(o, req, arg); break;
    case K_DATA:      ret = data_ioctl(o, req, arg); break;
    case K_KVMDEV:    ret = 0; break;
    case K_IOMMUFD:   ret = iommufd_ioctl(req, arg); break;
    default:          ret = fail(ENOTTY);
    }
    pthread_mutex_unlock(&lock);
    return ret;
}
