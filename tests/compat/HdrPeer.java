import java.io.File;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.HdrHistogram.HistogramLogReader;
import org.HdrHistogram.HistogramLogWriter;

/**
 * The independent reader and writer that squall's histograms are held against.
 *
 *   java -cp hdrhistogram.jar HdrPeer.java write DIR   makes one .hlog for each seed and shape
 *   java -cp hdrhistogram.jar HdrPeer.java read DIR    makes .tsv and .hgrm beside each .hlog
 *
 * A .tsv line: tag, start ms, end ms, count, min, max, mean, standard deviation, then the percentiles of PERCENTILES.
 * The last one is the sum of all intervals, with tag "=". The .hgrm is of that sum, in thousandths, five ticks.
 */
public class HdrPeer {
    static final double[] PERCENTILES = {0, 0.1, 25, 50, 75, 90, 99, 99.9, 99.99, 99.999, 100};
    static final String[] SHAPES = {"lognormal", "uniform", "bimodal", "single", "heavy"};
    static final long START_MS = 1700000000250L;

    public static void main(String[] arguments) throws Exception {
        File folder = new File(arguments[1]);
        if (arguments[0].equals("write")) {
            for (long seed = 1; seed <= 3; ++seed) {
                for (String shape : SHAPES) {
                    write(folder, seed, shape);
                }
            }
        } else {
            File[] logs = folder.listFiles((directory, name) -> name.endsWith(".hlog"));
            Arrays.sort(logs);
            for (File log : logs) {
                read(log);
            }
        }
    }

    static void write(File folder, long seed, String shape) throws Exception {
        Random random = new Random(seed);
        File file = new File(folder, "java-" + shape + "-" + seed + ".hlog");
        HistogramLogWriter writer = new HistogramLogWriter(file);
        writer.outputComment("[written by the Java HdrHistogram, seed " + seed + ", " + shape + "]");
        writer.outputLogFormatVersion();
        // The three ways in which logs tell their times.
        if (seed == 1) {
            writer.setBaseTime(START_MS);
            writer.outputBaseTime(START_MS);
        }
        if (seed <= 2) {
            writer.outputStartTime(START_MS);
        }
        writer.outputLegend();
        for (int interval = 0; interval < 4; ++interval) {
            Histogram histogram = seed == 3 ? new Histogram(5) : new Histogram(3600000000L, (int) (seed + 1));
            int values = interval == 2 ? 0 : 1000;
            for (int i = 0; i < values; ++i) {
                histogram.recordValueWithCount(draw(random, shape), shape.equals("heavy") ? 1L << random.nextInt(44) : 1);
            }
            histogram.setStartTimeStamp(START_MS + interval * 1000L);
            histogram.setEndTimeStamp(START_MS + interval * 1000L + 1000L);
            if (interval % 2 == 1) {
                histogram.setTag("tag-" + interval);
            }
            writer.outputIntervalHistogram(histogram);
        }
        writer.close();
    }

    static long draw(Random random, String shape) {
        switch (shape) {
            case "lognormal":
                return (long) Math.min(3.6e9, Math.exp(8 + 2 * random.nextGaussian()));
            case "uniform":
                return (long) (random.nextDouble() * 5000);
            case "bimodal":
                return random.nextInt(10) == 0 ? 30000000 + random.nextInt(1000000) : 200 + random.nextInt(50);
            case "single":
                return 1;
            default:
                return (long) (random.nextDouble() * 3.6e9);
        }
    }

    static void read(File log) throws Exception {
        String stem = log.getPath().substring(0, log.getPath().length() - ".hlog".length());
        PrintStream table = new PrintStream(new FileOutputStream(stem + ".tsv"), false, "UTF-8");
        List<Histogram> intervals = new ArrayList<>();
        long highest = 2;
        HistogramLogReader reader = new HistogramLogReader(log);
        while (reader.hasNext()) {
            Histogram histogram = (Histogram) reader.nextIntervalHistogram();
            highest = Math.max(highest, histogram.getHighestTrackableValue());
            intervals.add(histogram);
            row(table, histogram.getTag() == null ? "" : histogram.getTag(), histogram);
        }
        Histogram sum = new Histogram(highest, intervals.get(0).getNumberOfSignificantValueDigits());
        sum.setStartTimeStamp(0);
        sum.setEndTimeStamp(0);
        for (Histogram histogram : intervals) {
            for (HistogramIterationValue value : histogram.recordedValues()) {
                sum.recordValueWithCount(value.getValueIteratedTo(), value.getCountAtValueIteratedTo());
            }
        }
        row(table, "=", sum);
        table.close();
        PrintStream distribution = new PrintStream(new FileOutputStream(stem + ".hgrm"), false, "UTF-8");
        sum.outputPercentileDistribution(distribution, 5, 1000.0);
        distribution.close();
    }

    static void row(PrintStream out, String tag, AbstractHistogram histogram) {
        StringBuilder line = new StringBuilder();
        line.append(tag).append('\t').append(histogram.getStartTimeStamp()).append('\t').append(histogram.getEndTimeStamp());
        line.append('\t').append(histogram.getTotalCount()).append('\t').append(histogram.getMinValue());
        line.append('\t').append(histogram.getMaxValue()).append('\t').append(histogram.getMean());
        line.append('\t').append(histogram.getStdDeviation());
        for (double percentile : PERCENTILES) {
            line.append('\t').append(histogram.getValueAtPercentile(percentile));
        }
        out.print(line.append('\n'));
    }
}
