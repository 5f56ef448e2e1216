// SPDX-License-Identifier: Apache-2.0
// Asks the kernel what only an open VFIO device tells, and prints it as facts of the host in JSON.
//   cc -O2 -o stopcopy-probe stopcopy-probe.c && sudo ./stopcopy-probe 0000:3b:00.2 > probe.json
//   stopcopy host --device 0000:3b:00.2 --probe probe.json
// The device must be bound to a VFIO driver and free: opening it RESETS it. One that a VM has is not
// opened, as the kernel refuses that. Nothing is mapped and no state of a device is set.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/vfio.h>
#if defined(__has_include) && __has_include(<linux/iommufd.h>)
#include <linux/iommufd.h>
#endif
#ifndef VFIO_MIGRATION_PRE_COPY /* headers before 6.2 */
#define VFIO_MIGRATION_PRE_COPY (1 << 2)
#endif

static void fail(const char *what) {
	fprintf(stderr, "stopcopy-probe: %s: %s%s\n", what, strerror(errno),
		errno == EBUSY ? " (is it in use, or its group shared with a host driver?)" : "");
	exit(1);
}

static int checked(int result, const char *what) {
	if (result < 0)
		fail(what);
	return result;
}

/* GET or PROBE of a device feature with room for an answer of 8 bytes: 0 or an errno. */
static int feature(int device, uint32_t flags, uint64_t *answer) {
	uint64_t room[(sizeof(struct vfio_device_feature) + 15) / 8] = {0};
	struct vfio_device_feature *asked = (void *)room;
	asked->argsz = sizeof(*asked) + 8;
	asked->flags = flags;
	if (ioctl(device, VFIO_DEVICE_FEATURE, asked) < 0)
		return errno;
	memcpy(answer, asked->data, 8);
	return 0;
}

/* All but the end of the object. */
static void print_container(int container) {
	uint64_t room[8192] = {0}; /* more than all capabilities need */
	struct vfio_iommu_type1_info *info = (void *)room;
	info->argsz = sizeof(room);
	checked(ioctl(container, VFIO_IOMMU_GET_INFO, info), "VFIO_IOMMU_GET_INFO");
	uint32_t at = info->flags & VFIO_IOMMU_INFO_CAPS ? info->cap_offset : 0;
	int tracks = 0;
	printf(" \"containers\": {\"page-sizes\": \"0x%" PRIx64 "\"", (uint64_t)info->iova_pgsizes);
	for (int left = 64; at && at < sizeof(room) - 64 && left; left--) {
		struct vfio_info_cap_header *cap = (void *)((char *)room + at);
		if (cap->id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
			struct vfio_iommu_type1_info_cap_iova_range *iova = (void *)cap;
			printf(",\n  \"iova-ranges\": [");
			for (uint32_t i = 0; i < iova->nr_iovas && i < 4000; i++)
				printf("%s[\"0x%" PRIx64 "\", \"0x%" PRIx64 "\"]", i ? ", " : "",
				       (uint64_t)iova->iova_ranges[i].start, (uint64_t)iova->iova_ranges[i].end);
			printf("]");
		} else if (cap->id == VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION) {
			struct vfio_iommu_type1_info_cap_migration *own = (void *)cap;
			tracks = 1;
			printf(",\n  \"dirty-page-sizes\": \"0x%" PRIx64 "\", \"max-dirty-bitmap-size\": \"0x%" PRIx64 "\"",
			       (uint64_t)own->pgsize_bitmap, (uint64_t)own->max_dirty_bitmap_size);
		} else if (cap->id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL) {
			printf(",\n  \"dma-available\": %u", ((struct vfio_iommu_type1_info_dma_avail *)cap)->avail);
		}
		at = cap->next;
	}
	printf(",\n  \"dirty-tracking\": %s", tracks ? "true" : "false");
}

static void print_bars(int device) {
	struct vfio_region_info config = {.argsz = sizeof(config), .index = VFIO_PCI_CONFIG_REGION_INDEX};
	checked(ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &config), "the configuration space");
	int printed = 0;
	printf("  \"bars\": {");
	for (uint32_t i = VFIO_PCI_BAR0_REGION_INDEX; i <= VFIO_PCI_BAR5_REGION_INDEX; i++) {
		struct vfio_region_info bar = {.argsz = sizeof(bar), .index = i};
		uint32_t low = 0;
		if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &bar) < 0 || bar.size == 0 ||
		    pread(device, &low, 4, config.offset + 0x10 + 4 * i) != 4)
			continue;
		const char *kind = low & 1 ? "io" : (low & 6) == 4 ? "mem64" : "mem32";
		printf("%s\n   \"%u\": {\"size\": \"0x%" PRIx64 "\", \"kind\": \"%s\", \"prefetchable\": %s, \"mmap\": %s}",
		       printed++ ? "," : "", i, (uint64_t)bar.size, kind, !(low & 1) && (low & 8) ? "true" : "false",
		       bar.flags & VFIO_REGION_INFO_FLAG_MMAP ? "true" : "false");
	}
	printf("}");
}

/* Whether the IOMMU hardware tracks: only iommufd tells, where headers and kernel have it. */
static const char *hardware_tracking(const char *address) {
	(void)address;
#if defined(VFIO_DEVICE_BIND_IOMMUFD) && defined(IOMMU_HWPT_SET_DIRTY_TRACKING)
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio-dev", address);
	DIR *names = opendir(path);
	int device = -1, iommufd = open("/dev/iommu", O_RDWR);
	for (struct dirent *name; names && (name = readdir(names));)
		if (!strncmp(name->d_name, "vfio", 4)) {
			snprintf(path, sizeof(path), "/dev/vfio/devices/%.200s", name->d_name);
			device = open(path, O_RDWR);
		}
	struct vfio_device_bind_iommufd bind = {.argsz = sizeof(bind), .iommufd = iommufd};
	if (iommufd < 0 || device < 0 || ioctl(device, VFIO_DEVICE_BIND_IOMMUFD, &bind) < 0)
		return "";
	struct iommu_hw_info info = {.size = sizeof(info), .dev_id = bind.out_devid};
	if (ioctl(iommufd, IOMMU_GET_HW_INFO, &info) < 0)
		return "";
	return info.out_capabilities & IOMMU_HW_CAP_DIRTY_TRACKING ? ", \"iommu-dirty-tracking\": true"
								    : ", \"iommu-dirty-tracking\": false";
#else
	return "";
#endif
}

int main(int count, char **words) {
	char path[PATH_MAX], target[PATH_MAX];
	if (count != 2 || strlen(words[1]) > 20 || strspn(words[1], "0123456789abcdef:.") != strlen(words[1])) {
		fprintf(stderr, "usage: stopcopy-probe ADDRESS, such as 0000:3b:00.2\n");
		return 2;
	}
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", words[1]);
	ssize_t length = checked(readlink(path, target, sizeof(target) - 1), path);
	target[length] = 0;
	const char *number = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
	int container = checked(open("/dev/vfio/vfio", O_RDWR), "/dev/vfio/vfio");
	snprintf(path, sizeof(path), "/dev/vfio/%.32s", number);
	int group = checked(open(path, O_RDWR), path);
	checked(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), "VFIO_GROUP_SET_CONTAINER");
	checked(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), "VFIO_SET_IOMMU");
	int device = checked(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, words[1]), "VFIO_GROUP_GET_DEVICE_FD");
	uint64_t flags = 0, none = 0;
	int refused = feature(device, VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_MIGRATION, &flags);
	int logs = !feature(device, VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET |
			    VFIO_DEVICE_FEATURE_DMA_LOGGING_START, &none);
	printf("{\"page-size\": %ld,\n \"devices\": {\"%s\": {\n  \"group\": %s,\n  \"migration\": ",
	       sysconf(_SC_PAGESIZE), words[1], number);
	if (refused == ENOTTY)
		printf("null");
	else if (refused)
		printf("{\"errno\": %d}", refused);
	else
		printf("[\"stop-copy\"%s%s]", flags & VFIO_MIGRATION_P2P ? ", \"p2p\"" : "",
		       flags & VFIO_MIGRATION_PRE_COPY ? ", \"pre-copy\"" : "");
	printf(",\n  \"dma-logging\": %s,\n", logs ? "true" : "false");
	print_bars(device);
	printf("}},\n");
	print_container(container);
	close(device); /* a group and iommufd do not get a device at the same time */
	close(group);
	close(container);
	printf("%s}}\n", hardware_tracking(words[1]));
	return 0;
}
