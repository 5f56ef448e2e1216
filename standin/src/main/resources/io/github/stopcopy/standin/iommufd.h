/*
 * The iommufd half of vfio.c (included there): /dev/iommu with IO address spaces (IOAS) and hardware page tables
 * (HWPT), and the ioctls that bind and attach a device opened as /dev/vfio/devices/vfioN.  Maps and unmaps are logged as
 * map_dma / unmap_dma of container <IOAS id>, dirty tracking as container_dirty of container <HWPT id>.
 * What it takes of <linux/iommufd.h> is defined here, with the values of the kernel's uAPI: headers before Linux 6.2 have
 * no such file, and those before 6.13 not all of it.
 */
#define FV_DEVICE_BIND_IOMMUFD      _IO(VFIO_TYPE, VFIO_BASE + 18)
#define FV_DEVICE_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)
#define FV_DEVICE_DETACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 20)

#define FV_IOMMUFD(n) _IO(';', 0x80 + (n))
#define FV_DESTROY                  FV_IOMMUFD(0)
#define FV_IOAS_ALLOC               FV_IOMMUFD(1)
#define FV_IOAS_IOVA_RANGES         FV_IOMMUFD(4)
#define FV_IOAS_MAP                 FV_IOMMUFD(5)
#define FV_IOAS_UNMAP               FV_IOMMUFD(6)
#define FV_OPTION                   FV_IOMMUFD(7)
#define FV_HWPT_ALLOC               FV_IOMMUFD(9)
#define FV_GET_HW_INFO              FV_IOMMUFD(10)
#define FV_HWPT_SET_DIRTY_TRACKING  FV_IOMMUFD(11)
#define FV_HWPT_GET_DIRTY_BITMAP    FV_IOMMUFD(12)
#define FV_HWPT_INVALIDATE          FV_IOMMUFD(13)
#define FV_IOAS_MAP_FILE            FV_IOMMUFD(15)
#define FV_VIOMMU_ALLOC             FV_IOMMUFD(16)

#define FV_IOAS_MAP_WRITEABLE           (1 << 1)
#define FV_IOAS_MAP_READABLE            (1 << 2)
#define FV_HWPT_ALLOC_DIRTY_TRACKING    (1 << 1)
#define FV_HWPT_DIRTY_TRACKING_ENABLE   (1 << 0)
#define FV_HW_CAP_DIRTY_TRACKING        (1 << 0)
#define FV_HW_INFO_TYPE_NONE            0
#define FV_HW_INFO_TYPE_INTEL_VTD       1

struct fv_destroy { __u32 size, id; };
struct fv_ioas_alloc { __u32 size, flags, out_ioas_id; };
struct fv_iova_range { __aligned_u64 start, last; };
struct fv_ioas_iova_ranges {
    __u32 size, ioas_id, num_iovas, reserved;
    __aligned_u64 allowed_iovas, out_iova_alignment;
};
struct fv_ioas_map { __u32 size, flags, ioas_id, reserved; __aligned_u64 user_va, length, iova; };
struct fv_ioas_map_file { __u32 size, flags, ioas_id; __s32 fd; __aligned_u64 start, length, iova; };
struct fv_ioas_unmap { __u32 size, ioas_id; __aligned_u64 iova, length; };
struct fv_hwpt_alloc {
    __u32 size, flags, dev_id, pt_id, out_hwpt_id, reserved, data_type, data_len;
    __aligned_u64 data_uptr;
};
struct fv_hw_info_vtd { __u32 flags, reserved; __aligned_u64 cap_reg, ecap_reg; };
struct fv_hw_info {
    __u32 size, flags, dev_id, data_len;
    __aligned_u64 data_uptr;
    __u32 out_data_type, reserved;
    __aligned_u64 out_capabilities;
};
struct fv_hwpt_set_dirty_tracking { __u32 size, flags, hwpt_id, reserved; };
struct fv_hwpt_get_dirty_bitmap {
    __u32 size, hwpt_id, flags, reserved;
    __aligned_u64 iova, length, page_size, data;
};
struct fv_hwpt_invalidate { __u32 size, hwpt_id; __aligned_u64 data_uptr; __u32 data_type, entry_len, entry_num, reserved; };
struct fv_viommu_alloc { __u32 size, flags, type, dev_id, hwpt_id, out_viommu_id; };

struct fv_bind { __u32 argsz, flags; __s32 iommufd; __u32 out_devid; __aligned_u64 token; };
struct fv_attach { __u32 argsz, flags, pt_id, pasid; };

enum { O_FREE, O_IOAS, O_HWPT, O_DEV, O_OTHER };
static struct io_obj {
    int type;
    struct mapping *map;                /* IOAS */
    size_t nmap, capmap;
    uint32_t ioas, flags, data_type;    /* HWPT */
    bool tracking;
    struct object *dev;                 /* DEV */
    uint32_t attached;
} io[4096];
static uint32_t nio = 1;

static uint32_t io_new(int type)
{
    if (nio == sizeof(io) / sizeof(*io)) {
        fprintf(stderr, "stopcopy-standin: more than %u iommufd objects\n", nio);
        abort();
    }
    io[nio].type = type;
    return nio++;
}

static struct io_obj *io_get(uint32_t id, int type)
{
    return id && id < nio && io[id].type == type ? &io[id] : NULL;
}

/* The mappings of the address space that a device is attached to; NULL if there is none. */
static struct mapping *cdev_mappings(struct object *d, size_t *count)
{
    struct io_obj *table, *space;
    uint32_t i;

    for (i = 1; i < nio && !(io[i].type == O_DEV && io[i].dev == d); i++) {
    }
    table = i < nio ? io_get(io[i].attached, O_HWPT) : NULL;
    space = table ? io_get(table->ioas, O_IOAS) : NULL;
    *count = space ? space->nmap : 0;
    return space ? space->map : NULL;
}

static void forget_mapping(struct mapping *p)
{
    if (p->ours) {
        munmap((void *)(uintptr_t)p->vaddr, p->size);
    }
}

static int cdev_ioctl(struct object *d, unsigned long req, void *arg)
{
    uint32_t i;

    for (i = 1; i < nio && !(io[i].type == O_DEV && io[i].dev == d); i++) {
    }
    switch (req) {
    case FV_DEVICE_BIND_IOMMUFD: {
        struct fv_bind *b = arg;

        if (!find(b->iommufd, K_IOMMUFD)) {
            return fail(EBADF);
        }
        i = io_new(O_DEV);
        io[i].dev = d;
        b->out_devid = i;
        emit("\"ev\":\"bind_iommufd\",\"dev\":\"%s\",\"devid\":%u", d->dc->name, i);
        return 0;
    }
    case FV_DEVICE_ATTACH_IOMMUFD_PT: {
        struct fv_attach *a = arg;
        struct io_obj *h;

        if (i >= nio) {
            return fail(EINVAL);
        }
        if (io_get(a->pt_id, O_IOAS)) {        /* the kernel makes a page table of its own */
            uint32_t k = io_new(O_HWPT);

            io[k].ioas = a->pt_id;
            a->pt_id = k;
        } else if (!io_get(a->pt_id, O_HWPT)) {
            return fail(ENOENT);
        }
        h = &io[a->pt_id];
        io[i].attached = a->pt_id;
        emit("\"ev\":\"attach\",\"dev\":\"%s\",\"hwpt\":%u,\"ioas\":%u,\"flags\":%u,\"pasid\":%u", d->dc->name, a->pt_id, h->ioas,
             a->flags, a->flags & 1 ? a->pasid : 0);
        return 0;
    }
    default:
        if (i >= nio) {
            return fail(EINVAL);
        }
        io[i].attached = 0;
        emit("\"ev\":\"detach\",\"dev\":\"%s\"", d->dc->name);
        return 0;
    }
}

/* vaddr: where the memory is in the VMM, or in a file (-1: none) from its beginning */
static int ioas_map(uint32_t id, uint64_t iova, uint64_t size, uint32_t flags, uint64_t vaddr, int file)
{
    struct io_obj *s = io_get(id, O_IOAS);
    size_t i;
    int e = 0;

    if (!s) {
        return fail(ENOENT);
    }
    if (!size || ((iova | size) & min_pgmask()) || iova + size - 1 < iova) {
        e = EINVAL;
    } else if (!in_window(iova, iova + size - 1)) {
        e = EINVAL;
    }
    for (i = 0; !e && i < s->nmap; i++) {
        if (iova < s->map[i].iova + s->map[i].size && s->map[i].iova < iova + size) {
            e = EEXIST;
        }
    }
    emit("\"ev\":\"map_dma\",\"container\":%u,\"iova\":\"0x%llx\",\"size\":\"0x%llx\",\"flags\":%u,\"file\":%s,\"errno\":%d", id,
         (unsigned long long)iova, (unsigned long long)size,
         (flags & FV_IOAS_MAP_WRITEABLE ? 2 : 0) | (flags & FV_IOAS_MAP_READABLE ? 1 : 0), file >= 0 ? "true" : "false", e);
    if (e) {
        return fail(e);
    }
    if (file >= 0) {                           /* only a device that writes needs to reach it */
        void *at = cc.tracker[0] ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, vaddr) : MAP_FAILED;

        vaddr = at == MAP_FAILED ? 0 : (uintptr_t)at;
    }
    if (s->nmap == s->capmap) {
        s->capmap = s->capmap ? 2 * s->capmap : 64;
        s->map = realloc(s->map, s->capmap * sizeof(*s->map));
    }
    s->map[s->nmap++] = (struct mapping){
        .iova = iova, .size = size, .vaddr = vaddr, .writable = flags & FV_IOAS_MAP_WRITEABLE,
        .ours = file >= 0 && vaddr,
    };
    return 0;
}

static int iommufd_ioctl(unsigned long req, void *arg)
{
    switch (req) {
    case FV_DESTROY: {
        struct fv_destroy *d = arg;

        if (!d->id || d->id >= nio || io[d->id].type == O_FREE) {
            return fail(ENOENT);
        }
        emit("\"ev\":\"iommufd_destroy\",\"id\":%u,\"type\":%d", d->id, io[d->id].type);
        while (io[d->id].nmap) {
            forget_mapping(&io[d->id].map[--io[d->id].nmap]);
        }
        free(io[d->id].map);
        memset(&io[d->id], 0, sizeof(io[0]));
        return 0;
    }
    case FV_IOAS_ALLOC: {
        struct fv_ioas_alloc *a = arg;

        a->out_ioas_id = io_new(O_IOAS);
        emit("\"ev\":\"open_container\",\"container\":%u,\"ioas\":true", a->out_ioas_id);
        return 0;
    }
    case FV_IOAS_IOVA_RANGES: {
        struct fv_ioas_iova_ranges *r = arg;
        struct fv_iova_range *w = (void *)(uintptr_t)r->allowed_iovas;
        uint32_t n = cc.nwin ? cc.nwin : 1, room = r->num_iovas, i;

        r->num_iovas = n;
        r->out_iova_alignment = min_pgmask() + 1;
        if (room < n) {
            return fail(EMSGSIZE);
        }
        for (i = 0; i < n; i++) {
            w[i].start = cc.nwin ? cc.win[i].start : 0;
            w[i].last = cc.nwin ? cc.win[i].last : (1ull << 48) - 1;
        }
        return 0;
    }
    case FV_IOAS_MAP: {
        struct fv_ioas_map *m = arg;

        return ioas_map(m->ioas_id, m->iova, m->length, m->flags, m->user_va, -1);
    }
    case FV_IOAS_MAP_FILE: {
        struct fv_ioas_map_file *m = arg;

        return ioas_map(m->ioas_id, m->iova, m->length, m->flags, m->start, m->fd);
    }
    case FV_IOAS_UNMAP: {
        struct fv_ioas_unmap *u = arg;
        struct io_obj *s = io_get(u->ioas_id, O_IOAS);
        uint64_t last = u->iova + u->length - 1, done = 0;
        size_t i, k = 0;
        int e = 0;

        if (!s) {
            return fail(ENOENT);
        }
        if (!u->iova && u->length == UINT64_MAX) {
            last = UINT64_MAX;
        }
        for (i = 0; i < s->nmap; i++) {
            uint64_t pl = s->map[i].iova + s->map[i].size - 1;

            if ((s->map[i].iova < u->iova && pl >= u->iova) || (s->map[i].iova <= last && pl > last)) {
                e = ENOENT;                    /* an area is removed whole or not at all */
            }
        }
        for (i = 0; !e && i < s->nmap; i++) {
            struct mapping p = s->map[i];

            if (p.iova >= u->iova && p.iova + p.size - 1 <= last) {
                done += p.size;
                forget_mapping(&p);
            } else {
                s->map[k++] = p;
            }
        }
        if (!e) {
            s->nmap = k;
            if (!done && !(!u->iova && last == UINT64_MAX)) {
                e = ENOENT;
            }
        }
        emit("\"ev\":\"unmap_dma\",\"container\":%u,\"iova\":\"0x%llx\",\"size\":\"0x%llx\",\"flags\":0,\"unmapped\":\"0x%llx\",\"errno\":%d",
             u->ioas_id, (unsigned long long)u->iova, (unsigned long long)u->length, (unsigned long long)done, e);
        u->length = done;
        return e ? fail(e) : 0;
    }
    case FV_GET_HW_INFO: {
        struct fv_hw_info *h = arg;
        struct fv_hw_info_vtd v = { .cap_reg = cc.vtd_cap, .ecap_reg = cc.vtd_ecap };

        if (!io_get(h->dev_id, O_DEV)) {
            return fail(ENOENT);
        }
        if (cc.hw_vtd && h->data_uptr) {
            memset((void *)(uintptr_t)h->data_uptr, 0, h->data_len);
            memcpy((void *)(uintptr_t)h->data_uptr, &v, h->data_len < sizeof(v) ? h->data_len : sizeof(v));
        }
        h->data_len = cc.hw_vtd ? sizeof(v) : 0;
        h->out_data_type = cc.hw_vtd ? FV_HW_INFO_TYPE_INTEL_VTD : FV_HW_INFO_TYPE_NONE;
        h->out_capabilities = cc.iommu_dirty ? FV_HW_CAP_DIRTY_TRACKING : 0;
        return 0;
    }
    case FV_HWPT_ALLOC: {
        struct fv_hwpt_alloc *a = arg;
        struct io_obj *p = io_get(a->pt_id, O_IOAS), *n;
        int e = cc.hwpt_alloc_errno;

        if (!p && !io_get(a->pt_id, O_HWPT)) {
            return fail(ENOENT);
        }
        if (!e && (a->flags & FV_HWPT_ALLOC_DIRTY_TRACKING) && !cc.iommu_dirty) {
            e = EOPNOTSUPP;
        }
        if (!e) {
            a->out_hwpt_id = io_new(O_HWPT);
            n = &io[a->out_hwpt_id];
            n->ioas = p ? a->pt_id : io[a->pt_id].ioas;
            n->flags = a->flags;
            n->data_type = a->data_type;
        }
        emit("\"ev\":\"hwpt_alloc\",\"parent\":%u,\"flags\":%u,\"data_type\":%u,\"hwpt\":%u,\"errno\":%d", a->pt_id, a->flags, a->data_type,
             e ? 0 : a->out_hwpt_id, e);
        return e ? fail(e) : 0;
    }
    case FV_HWPT_SET_DIRTY_TRACKING: {
        struct fv_hwpt_set_dirty_tracking *t = arg;
        struct io_obj *h = io_get(t->hwpt_id, O_HWPT);
        bool on = t->flags & FV_HWPT_DIRTY_TRACKING_ENABLE;
        int e = !h ? ENOENT : !(h->flags & FV_HWPT_ALLOC_DIRTY_TRACKING) ? EINVAL : on ? cc.iommu_dirty_start_errno : 0;

        if (!e) {
            h->tracking = on;
        }
        emit("\"ev\":\"container_dirty\",\"container\":%u,\"op\":\"%s\",\"iova\":\"0x0\",\"size\":\"0x0\",\"errno\":%d", t->hwpt_id,
             on ? "start" : "stop", e);
        return e ? fail(e) : 0;
    }
    case FV_HWPT_GET_DIRTY_BITMAP: {
        struct fv_hwpt_get_dirty_bitmap *g = arg;
        struct io_obj *h = io_get(g->hwpt_id, O_HWPT);
        int e = !h ? ENOENT : !h->tracking ? EINVAL : cc.iommu_dirty_get_errno;

        emit("\"ev\":\"container_dirty\",\"container\":%u,\"op\":\"get\",\"iova\":\"0x%llx\",\"size\":\"0x%llx\",\"no_clear\":%u,\"errno\":%d",
             g->hwpt_id, (unsigned long long)g->iova, (unsigned long long)g->length, g->flags, e);
        return e ? fail(e) : 0;
    }
    case FV_HWPT_INVALIDATE: {
        struct fv_hwpt_invalidate *v = arg;

        emit("\"ev\":\"hwpt_invalidate\",\"hwpt\":%u,\"entries\":%u", v->hwpt_id, v->entry_num);
        return 0;
    }
    case FV_VIOMMU_ALLOC: {
        struct fv_viommu_alloc *a = arg;

        a->out_viommu_id = io_new(O_OTHER);
        return 0;
    }
    case FV_OPTION:
        return 0;
    default:
        emit("\"ev\":\"iommufd_unknown\",\"req\":\"0x%lx\"", req);
        return fail(ENOTTY);
    }
}
