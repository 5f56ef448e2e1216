package com.example.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 10,000 VMs in local mode: every tenth behind a vIOMMU, every hundredth unreadable. */
class FleetVerdictsTest {

  private static final int VMS = 10_000;

  private static SparkSession spark;

  @TempDir static Path folder;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 2)
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> vms() {
    StructType columns = new StructType();
    for (String column : List.of("id", "node", "args", "host")) {
      columns = columns.add(column, DataTypes.StringType);
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < VMS; i++) {
      String device = String.format("0000:%02x:%02x.%d", 16 + i % 200, i % 32, i % 8);
      String viommu = i % 10 == 1 ? "-device intel-iommu,caching-mode=on " : "";
      String args =
          i % 100 == 0
              ? "nothing"
              : "qemu-system-x86_64 -accel kvm -machine q35,kernel-irqchip=split -m 4G "
                  + viommu
                  + "-device vfio-pci,id=vf"
                  + i
                  + ",host="
                  + device;
      String host =
          "{\"accel\":\"kvm\",\"devices\":{\""
              + device
              + "\":{\"group\":"
              + i
              + ",\"migration\":[\"stop-copy\",\"p2p\"],\"dma-logging\":true}}}";
      rows.add(RowFactory.create("vm" + i, "n" + i % 40, args, host));
    }
    return spark.createDataFrame(rows, columns).repartition(4);
  }

  private static void assertAnswers(Dataset<Row> answers) {
    Dataset<Row> kept = answers.cache();
    assertEquals(VMS, kept.count());
    assertEquals(100, kept.filter("verdict = 'unknown' and error is not null").count());
    assertEquals(1000, kept.filter("verdict = 'blocked'").count());
    assertEquals(VMS - 1100, kept.filter("verdict in ('migratable', 'conditional')").count());
    Row blocked = kept.filter("id = 'vm11'").first();
    assertEquals("n11", blocked.getAs("node"));
    assertEquals(List.of("VIOMMU_PRESENT"), blocked.getList(3));
    assertEquals(List.of("0000:1b:0b.3"), blocked.getList(4));
    assertTrue(blocked.<String>getAs("remedy").contains("(then: "));
    assertNull(blocked.getAs("error"));
    kept.unpersist();
  }

  @Test
  void fromAndToParquet() {
    String in = folder.resolve("vms.parquet").toString();
    String out = folder.resolve("verdicts.parquet").toString();
    vms().write().parquet(in);
    FleetVerdicts.of(spark.read().parquet(in)).write().parquet(out);
    assertAnswers(spark.read().parquet(out));
  }

  @Test
  void fromJson() {
    String in = folder.resolve("vms.json").toString();
    vms().write().json(in);
    assertAnswers(FleetVerdicts.of(spark.read().json(in)));
  }

  @Test
  void fromAndToADatabase() {
    String url = "jdbc:h2:mem:fleet;DB_CLOSE_DELAY=-1";
    vms().write().jdbc(url, "vms", new Properties());
    FleetVerdicts.of(
            spark.read().jdbc(url, "vms", new Properties()).toDF("id", "node", "args", "host"))
        .withColumn("codes", functions.concat_ws(",", functions.col("codes")))
        .withColumn("devices", functions.concat_ws(",", functions.col("devices")))
        .withColumn("assumed", functions.concat_ws(";", functions.col("assumed")))
        .write()
        .jdbc(url, "verdicts", new Properties());
    Dataset<Row> told = spark.read().jdbc(url, "verdicts", new Properties());
    assertEquals(1000, told.filter("codes = 'VIOMMU_PRESENT'").count());
    assertEquals(VMS, told.count());
  }

  @Test
  void libvirtsXmlIsRead() {
    StructType columns =
        new StructType().add("id", DataTypes.StringType).add("xml", DataTypes.StringType);
    String xml =
        "<domain type='kvm'><name>a</name><memory unit='GiB'>4</memory><vcpu>2</vcpu><os>"
            + "<type arch='x86_64' machine='pc-q35-9.2'>hvm</type></os></domain>";
    Row answer =
        FleetVerdicts.of(spark.createDataFrame(List.of(RowFactory.create("a", xml)), columns))
            .first();
    assertEquals("migratable", answer.getAs("verdict"));
  }
}
