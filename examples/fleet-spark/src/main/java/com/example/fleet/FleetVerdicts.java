package com.example.fleet;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetCheck;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetVm;
import io.github.stopcopy.migration.fleet.FleetVm.FromLibvirt;
import io.github.stopcopy.qemu.commandline.ConfigFiles;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.commandline.UnknownDevice;
import io.github.stopcopy.qemu.libvirt.LibvirtDomain;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Which VMs of a table can be live-migrated, and why others cannot. A table in, a table out; where
 * they come from and go to is for the caller.
 */
public final class FleetVerdicts {

  /** The columns of the answer. */
  public static final StructType ANSWER =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("node", DataTypes.StringType)
          .add("verdict", DataTypes.StringType)
          .add("codes", DataTypes.createArrayType(DataTypes.StringType))
          .add("devices", DataTypes.createArrayType(DataTypes.StringType))
          .add("remedy", DataTypes.StringType)
          .add("assumed", DataTypes.createArrayType(DataTypes.StringType))
          .add("error", DataTypes.StringType);

  private FleetVerdicts() {}

  /**
   * The answer about each VM.
   *
   * @param vms with the columns {@code id}, {@code node}, {@code args} (a QEMU command line) or
   *     {@code xml} (of libvirt), and {@code host} (facts in JSON); all strings, each may be null
   *     or missing
   */
  public static Dataset<Row> of(Dataset<Row> vms) {
    MapPartitionsFunction<Row, Row> decide = FleetVerdicts::decided;
    return vms.mapPartitions(decide, Encoders.row(ANSWER));
  }

  /** What is expensive is made here, once for a partition, on the executor that has it. */
  private static Iterator<Row> decided(Iterator<Row> vms) throws InputException {
    Plugins plugins = Plugins.load();
    FleetCheck check = FleetCheck.builder(plugins, RuleSets.load()).build();
    Function<Row, Row> answer = vm -> answer(check, plugins, vm);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return vms.hasNext();
      }

      @Override
      public Row next() {
        return answer.apply(vms.next());
      }
    };
  }

  private static Row answer(FleetCheck check, Plugins plugins, Row vm) {
    String id = text(vm, "id").orElse("");
    String node = text(vm, "node").orElse("");
    FleetRow row;
    try {
      row = check.decide(read(plugins, id, node, vm));
    } catch (InputException | RuntimeException wrong) { // of this VM only
      row = FleetRow.unknown(id, node, String.valueOf(wrong.getMessage()));
    }
    return RowFactory.create(
        id,
        node,
        row.verdict().map(VerdictKind::word).orElse("unknown"),
        array(row.reasons().stream().map(Reason::code).distinct().toList()),
        array(row.reasons().stream().flatMap(why -> why.device().stream()).distinct().toList()),
        row.remedy().map(Remedy::toString).orElse(null),
        array(row.assumptions().stream().map(FleetVerdicts::assumed).toList()),
        row.error().isEmpty() ? null : row.error());
  }

  private static String[] array(Collection<String> words) {
    return words.toArray(String[]::new);
  }

  private static String assumed(Assumption assumption) {
    return assumption.subject() + ": " + assumption;
  }

  private static FleetVm read(Plugins plugins, String id, String node, Row row)
      throws InputException {
    Optional<String> hostText = text(row, "host");
    HostFacts host =
        hostText.isPresent() ? HostJson.read("host", hostText.get()) : HostFacts.CAPABLE;
    Optional<String> xml = text(row, "xml");
    if (xml.isPresent()) {
      LibvirtDomain domain = LibvirtDomain.parse("xml", xml.get());
      return FleetVm.of(id, node, domain.vm(), host)
          .withLibvirt(
              new FromLibvirt(
                  domain.drivers(),
                  domain.interfaces(),
                  domain.completed().map(LibvirtDomain.Completed::vm),
                  domain.completed().map(LibvirtDomain.Completed::what).orElse(""),
                  domain.possibleHostDevices()));
    }
    String args =
        text(row, "args").orElseThrow(() -> InputException.of("no VM, expected args or xml"));
    QemuCommandLine.Parsed read = QemuCommandLine.read("args", args, ConfigFiles.NONE);
    for (UnknownDevice device : read.unknownDevices()) {
      boolean isKnown =
          plugins.virtualIommus().isOffered(device.driver())
              || plugins.deviceTypes().isOffered(device.driver());
      if (device.isDecisive() && !isKnown) {
        throw device.toException();
      }
    }
    VmConfig running = read.vm().toBuilder().incoming(false).build();
    FleetVm vm = FleetVm.of(id, node, running, host);
    return read.release().isEmpty()
        ? vm
        : vm.withProfile(QemuProfile.choose(read.release().get()).profile(), ProfileOrigin.INPUT);
  }

  private static Optional<String> text(Row row, String column) {
    List<String> columns = Arrays.asList(row.schema().fieldNames());
    int at = columns.indexOf(column);
    return at < 0 || row.isNullAt(at) ? Optional.empty() : Optional.of(row.getString(at));
  }

  /**
   * Reads JSON Lines or Parquet, and writes Parquet.
   *
   * @param args the format ({@code json} or {@code parquet}), where the VMs are, where the answers
   *     go
   * @throws IOException if Spark cannot be ended
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("expected FORMAT INPUT OUTPUT, such as json vms.jsonl verdicts");
      System.exit(2);
    }
    try (SparkSession spark = SparkSession.builder().appName("stopcopy fleet").getOrCreate()) {
      StructType strings = new StructType();
      for (String column : List.of("id", "node", "args", "xml", "host")) {
        strings = strings.add(column, DataTypes.StringType); // an object stays its text
      }
      Dataset<Row> vms =
          args[0].equals("json")
              ? spark.read().schema(strings).json(args[1])
              : spark.read().format(args[0]).load(args[1]);
      of(vms).write().parquet(args[2]);
    }
  }
}
