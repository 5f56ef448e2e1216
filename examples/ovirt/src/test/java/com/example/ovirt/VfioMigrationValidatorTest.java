package com.example.ovirt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.ovirt.VfioMigrationValidator.Result;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.ovirt.vdsm.jsonrpc.client.JsonRpcResponse;

/** VDSM's answers are read from bytes, as the engine's client reads them from the connection. */
class VfioMigrationValidatorTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BIG = "2d1c6c5e-5f1a-4d5c-90f1-4a9f8f1a0320";
  private static final String SMALL = "2d1c6c5e-5f1a-4d5c-90f1-4a9f8f1a0064";

  @Test
  void theVirtualIommuThatTheEngineAddsForManyVcpusBlocks() throws Exception {
    Result result = validate(BIG, answer(Map.of(BIG, xml("domain-320-vcpus.xml"))), "10.2");

    assertEquals(VfioMigrationValidator.BLOCKED, result.message());
    assertEquals(1, result.variableReplacements().size());
    String reasons = result.variableReplacements().get(0);
    assertTrue(reasons.startsWith("$reasons VIOMMU_PRESENT (0000:18:02.0): "), reasons);
    assertTrue(reasons.contains("; or remove the vIOMMU (-device intel-iommu)"), reasons);
  }

  @Test
  void theSameDeviceInASmallerVmMayMigrate() throws Exception {
    JsonRpcResponse answer = answer(Map.of(SMALL, xml("domain-64-vcpus.xml")));
    HostDevice device =
        HostDevice.builder()
            .migration(HostDevice.MigrationSupport.of(true, true, false))
            .dmaLogging(HostDevice.DmaLogging.SUPPORTED)
            .build();
    HostFacts facts = HostFacts.builder().device("0000:18:02.0", device).build();
    Result result = new VfioMigrationValidator(SMALL).noVfioBlocker(answer, facts, "10.2");

    assertTrue(result.isValid());
    assertEquals(List.of(), result.notes());
  }

  @Test
  void whatIsAssumedOfTheHostIsANote() throws Exception {
    Result result = validate(SMALL, answer(Map.of(SMALL, xml("domain-64-vcpus.xml"))), "10.2");

    assertTrue(result.isValid());
    assertEquals(1, result.notes().size());
    String note = result.notes().get(0);
    assertTrue(note.startsWith("conditional: HOST_ASSUMED (0000:18:02.0): "), note);
  }

  @Test
  void aReleaseThatIsNotModelledIsNoReasonToRefuse() throws Exception {
    Result result = validate(BIG, answer(Map.of(BIG, xml("domain-320-vcpus.xml"))), "7.2");

    assertTrue(result.isValid());
    assertTrue(result.notes().get(0).startsWith("not checked: "));
  }

  @Test
  void withoutTheXmlThereIsNoAnswer() throws Exception {
    assertFalse(validate(BIG, answer(Map.of()), "10.2").isValid());

    JsonRpcResponse error =
        response(Map.of("error", Map.of("code", 1, "message", "Virtual machine does not exist")));
    Result result = validate(BIG, error, "10.2");
    assertEquals(VfioMigrationValidator.NO_DOMAIN_XML, result.message());
    assertTrue(result.variableReplacements().get(0).contains("Virtual machine does not exist"));
  }

  @Test
  void vdsmIsAskedAsTheEngineAsksIt() throws Exception {
    var question = new VfioMigrationValidator(BIG).question();

    assertEquals("Host.dumpxmls", question.getMethod());
    assertEquals("{\"vmList\":[\"" + BIG + "\"]}", question.getParams().toString());
  }

  private static Result validate(String vmId, JsonRpcResponse answer, String qemuRelease) {
    return new VfioMigrationValidator(vmId).noVfioBlocker(answer, HostFacts.CAPABLE, qemuRelease);
  }

  private static JsonRpcResponse answer(Map<String, String> xmls) throws Exception {
    return response(Map.of("result", xmls));
  }

  private static JsonRpcResponse response(Map<String, ?> outcome) throws Exception {
    Map<String, Object> message = new TreeMap<>(outcome);
    message.put("jsonrpc", "2.0");
    message.put("id", "7e4d1f5a-0001");
    return JsonRpcResponse.fromByteArray(JSON.writeValueAsBytes(message));
  }

  private static String xml(String file) throws Exception {
    try (InputStream xml = VfioMigrationValidatorTest.class.getResourceAsStream("/" + file)) {
      return new String(xml.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
