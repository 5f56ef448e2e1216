/* The smallest VMM: one VFIO device, 1 MiB of memory, and a line of input for each thing that it does. */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static unsigned char memory[1 << 20] __attribute__((aligned(4096)));
static int container, device;

struct start { uint32_t argsz, flags; uint64_t page_size; uint32_t ranges, reserved; uint64_t at; };
struct report { uint32_t argsz, flags; uint64_t iova, length, page_size, bitmap; };
struct state { uint32_t argsz, flags; uint32_t state; int32_t data_fd; };

static int map(uint64_t iova, uint64_t size, uint64_t flags, uint64_t offset)
{
    struct vfio_iommu_type1_dma_map m = { sizeof(m), flags, (uintptr_t)memory + offset, iova, size };

    return ioctl(container, VFIO_IOMMU_MAP_DMA, &m) ? errno : 0;
}

static int unmap(uint64_t iova, uint64_t size)
{
    struct vfio_iommu_type1_dma_unmap u = { .argsz = sizeof(u), .iova = iova, .size = size };

    return ioctl(container, VFIO_IOMMU_UNMAP_DMA, &u) ? errno : 0;
}

int main(void)
{
    char line[256], what[16];
    int group = open("/dev/vfio/1", O_RDWR);
    uint64_t a, b, c, d;

    container = open("/dev/vfio/vfio", O_RDWR);
    ioctl(group, VFIO_GROUP_SET_CONTAINER, &container);
    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
    device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, "0000:01:00.0");
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%s\n", device < 0 ? "no device" : "ready");
    while (fgets(line, sizeof(line), stdin)) {
        a = b = c = d = 0;
        sscanf(line, "%15s %li %li %li %li", what, (long *)&a, (long *)&b, (long *)&c, (long *)&d);
        if (!strcmp(what, "map")) {
            printf("%d\n", map(a, b, c, d));
        } else if (!strcmp(what, "unmap")) {
            printf("%d\n", unmap(a, b));
        } else if (!strcmp(what, "peek")) {
            for (; b; b--) {
                printf("%02x", memory[a++]);
            }
            printf("\n");
        } else if (!strcmp(what, "state")) {
            struct state s = { sizeof(s), VFIO_DEVICE_FEATURE_SET | 2, a, -1 };

            printf("%d\n", ioctl(device, VFIO_DEVICE_FEATURE, &s) ? errno : 0);
        } else if (!strcmp(what, "start")) {
            uint64_t range[2] = { a, b };
            struct start s = { sizeof(s), VFIO_DEVICE_FEATURE_SET | 6, c, 1, 0, (uintptr_t)range };
            int e = ioctl(device, VFIO_DEVICE_FEATURE, &s) ? errno : 0;

            printf("%d %ld\n", e, (long)s.page_size);
        } else if (!strcmp(what, "stop")) {
            struct vfio_device_feature s = { sizeof(s), VFIO_DEVICE_FEATURE_SET | 7 };

            printf("%d\n", ioctl(device, VFIO_DEVICE_FEATURE, &s) ? errno : 0);
        } else if (!strcmp(what, "report")) {          /* first and last word of the bitmap; d: what is set before */
            uint64_t words = ((b + c - 1) / c + 63) / 64, *bits = calloc(words, 8);
            struct report r = { sizeof(r), VFIO_DEVICE_FEATURE_GET | 8, a, b, c, (uintptr_t)bits };
            int e;

            bits[0] = d;
            e = ioctl(device, VFIO_DEVICE_FEATURE, &r) ? errno : 0;
            printf("%d %lx %lx\n", e, (long)bits[0], (long)bits[words - 1]);
            free(bits);
        }
    }
    return 0;
}
